import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** How a receiver answers a request it has read. */
export type Reaction = (response: ServerResponse, request: Received) => void;

export interface HttpReceiver {
  url: string;
  received: Received[];
  /** Sets the answer from now on. */
  react(reaction: Reaction): void;
  close(): Promise<void>;
}

/** Answers with a status, headers and text. */
export function answering(status: number, headers: Record<string, string> = {}, body = ''): Reaction {
  return (response) => response.writeHead(status, headers).end(body);
}

/** Reads the request and never answers. */
export function hanging(): void {}

/** Reads the request and hangs up. */
export function hangingUp(response: ServerResponse): void {
  response.destroy();
}

/** A server on loopback that keeps its requests, and first answers `200 ok`. */
export async function startReceiver(): Promise<HttpReceiver> {
  let reaction = answering(200, {}, 'ok');
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: await text(request),
    };
    received.push(seen);
    reaction(response, seen);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    react: (next) => {
      reaction = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
