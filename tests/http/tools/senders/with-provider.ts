import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';

/** Asks once over the SDK of OpenAI. Its provider is an HTTP server of this process. */
export async function askOpenAi(): Promise<void> {
  const provider = createServer((request, response) => {
    request.resume();
    const usage = {
      ...{ prompt_tokens: 70, completion_tokens: 9, total_tokens: 79 },
      prompt_tokens_details: { cached_tokens: 30 },
    };
    const message = { role: 'assistant', content: 'Erika' };
    const answer = {
      ...{
        id: 'chatcmpl-0123456789abcdefghij',
        object: 'chat.completion',
        created: 1,
        model: 'gpt-4o-2024-08-06',
      },
      ...{ choices: [{ index: 0, message, finish_reason: 'stop' }], usage },
    };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const { port } = provider.address() as AddressInfo;
  const client = new OpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${port}/v1` });
  await client.chat.completions.create({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'Who is Erika?' }],
  });
  provider.closeAllConnections();
  provider.close();
}
