import { OpenTelemetry } from '@ai-sdk/otel';
import { askMockModel } from './ask-mock-model.ts';
import { exporterTo, tracing } from './exporting.ts';

export function send(address: string, key: string): Promise<void> {
  return tracing(exporterTo(address, key, 'protobuf'), () => askMockModel(new OpenTelemetry()));
}
