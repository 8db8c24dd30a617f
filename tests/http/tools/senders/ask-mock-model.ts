import { generateText, registerTelemetry, streamText, type Telemetry } from 'ai';
import { MockLanguageModelV4, simulateReadableStream } from 'ai/test';

const usage = {
  inputTokens: { total: 1_000, noCache: 300, cacheRead: 500, cacheWrite: 200 },
  outputTokens: { total: 20, text: 15, reasoning: 5 },
};
const finishReason = { unified: 'stop' as const, raw: 'stop' };

/** Asks a mock model once for a text and once for a stream, with telemetry. */
export async function askMockModel(telemetry: Telemetry): Promise<void> {
  registerTelemetry(telemetry);
  const model = new MockLanguageModelV4({
    provider: 'anthropic.messages',
    modelId: 'claude-sonnet-4-5',
    doGenerate: { content: [{ type: 'text', text: 'Erika' }], finishReason, usage, warnings: [] },
    doStream: async () => ({
      stream: simulateReadableStream({
        chunks: [
          { type: 'stream-start', warnings: [] },
          { type: 'text-start', id: '1' },
          { type: 'text-delta', id: '1', delta: 'Erika' },
          { type: 'text-end', id: '1' },
          { type: 'finish', finishReason, usage },
        ],
      }),
    }),
  });
  await generateText({ model, prompt: 'Who is Erika?' });
  await streamText({ model, prompt: 'Who is Erika?' }).text;
}
