import { LangfuseClient } from '@langfuse/client';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { startObservation } from '@langfuse/tracing';
import { tracing } from './exporting.ts';

export async function send(address: string, key: string): Promise<void> {
  // Without an address, the SDK takes its account from its variables.
  const account = address === '' ? {} : { publicKey: 'pk-lf-shop', secretKey: key, baseUrl: address };
  const client = new LangfuseClient(account);
  await tracing(new LangfuseSpanProcessor(account), async () => {
    const trace = startObservation('answer', { input: 'Who is Erika?' });
    const generation = trace.startObservation(
      'ask',
      {
        model: 'claude-sonnet-4-5',
        usageDetails: { input: 100, input_cached_tokens: 400, output: 20, total: 520 },
        costDetails: { total: 0.00123 },
      },
      { asType: 'generation' },
    );
    generation.update({ output: 'Erika' }).end();
    trace.end();
    client.score.create({ name: 'helpful', value: 1, traceId: trace.traceId });
  });
  await client.flush();
}
