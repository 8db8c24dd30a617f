/** A provider of models on loopback: answers as its test says. The SDKs that talk to it are the real ones. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';

/** Answers one request; `body` is what the SDK sent. */
export type Answer = (response: ServerResponse, body: Record<string, unknown>) => void;

export function useProvider() {
  const answers: Answer[] = [];
  const requests: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      const body = JSON.parse(text);
      requests.push(body);
      const answer = answers.shift();
      if (answer) answer(response, body);
      else response.writeHead(500).end();
    });
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    get url() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    /** What the SDKs sent, in order. */
    requests,
    /** The next request gets this answer. */
    answerWith: (answer: Answer) => answers.push(answer),
  };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/**
 * Server-sent events.
 * @param how `cut`: the connection breaks after them; `hang`: nothing more comes
 */
export function events(items: readonly object[], how: 'end' | 'cut' | 'hang' = 'end'): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const item of items) {
      const type = (item as { type?: string }).type;
      response.write(`${type === undefined ? '' : `event: ${type}\n`}data: ${JSON.stringify(item)}\n\n`);
    }
    if (how === 'end') response.end('data: [DONE]\n\n');
    if (how === 'cut') setTimeout(() => response.destroy(), 50);
  };
}
