import { exporterTo, traceCall, tracing } from './exporting.ts';

export function send(address: string, key: string): Promise<void> {
  return tracing(exporterTo(address, key, 'protobuf'), async (provider) =>
    traceCall(provider.getTracer('shop')),
  );
}
