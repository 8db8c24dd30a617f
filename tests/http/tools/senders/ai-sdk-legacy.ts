import { LegacyOpenTelemetry } from '@ai-sdk/otel';
import { askMockModel } from './ask-mock-model.ts';
import { exporterTo, tracing } from './exporting.ts';

/** With the attributes of the AI SDK before version 7. */
export function send(address: string, key: string): Promise<void> {
  return tracing(exporterTo(address, key, 'json'), () => askMockModel(new LegacyOpenTelemetry()));
}
