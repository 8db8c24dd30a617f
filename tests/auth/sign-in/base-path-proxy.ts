import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BasePathProxy {
  /** The address of the service for browsers, with the path. */
  publicUrl: string;
  /** Where the service listens. */
  target: string;
  stop(): void;
}

/** A proxy that serves a service below a path, and takes the path away, as nginx and Traefik do. It sends its own Host. */
export async function startProxy(path: string): Promise<BasePathProxy> {
  const proxy: BasePathProxy = { publicUrl: '', target: '', stop: () => server.close() };
  const server = createServer((incoming, answer) => {
    if (!incoming.url?.startsWith(`${path}/`)) {
      answer.writeHead(404).end();
      return;
    }
    const { host, ...headers } = incoming.headers;
    const onward = request(proxy.target + incoming.url.slice(path.length), {
      method: incoming.method,
      headers,
    });
    onward.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    onward.on('error', () => answer.writeHead(502).end());
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy.publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  return proxy;
}
