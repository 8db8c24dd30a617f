import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
import OpenAI from 'openai';
import { exporterTo, tracing } from './exporting.ts';
import { askOpenAi } from './with-provider.ts';

export function send(address: string, key: string): Promise<void> {
  return tracing(exporterTo(address, key, 'json'), async (provider) => {
    const instrumentation = new OpenAIInstrumentation();
    instrumentation.setTracerProvider(provider);
    instrumentation.manuallyInstrument(OpenAI);
    await askOpenAi();
  });
}
