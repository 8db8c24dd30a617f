import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A route to a server that can be cut. */
export interface TcpProxy {
  /** The server's URL with the proxy in its place. */
  url: string;
  /** Swallows what clients send from now on, on existing connections. What the server sends still arrives. */
  silenceClients(): void;
  /**
   * Silently drops data in both directions from now on, on old and new connections. When that is over, new
   * connections work, and these never again.
   */
  drop(dropping: boolean): void;
  /** Cuts all connections. */
  cut(): void;
  /** Refuses new connections until allowed again. */
  refuse(refused: boolean): void;
  close(): Promise<void>;
}

/** Stands between clients and the server of a URL. */
export async function openProxy(serverUrl: string, defaultPort: number): Promise<TcpProxy> {
  const target = new URL(serverUrl);
  const pairs = new Set<{ client: Socket; server: Socket }>();
  const dropped = new Set<Socket>();
  let refused = false;
  let dropping = false;
  const proxy = createServer((client) => {
    if (refused) return client.destroy();
    if (dropping) {
      client.on('error', () => {}).resume();
      return dropped.add(client);
    }
    const server = connect({ host: target.hostname, port: Number(target.port) || defaultPort });
    const pair = { client, server };
    pairs.add(pair);
    const end = () => {
      // A close on one side is not passed on either.
      if (dropped.has(client)) return;
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.pipe(server);
    server.pipe(client);
    return undefined;
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((proxy.address() as AddressInfo).port);
  const cut = () => {
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
  };
  return {
    url: url.href,
    silenceClients: () => {
      for (const { client, server } of pairs) client.unpipe(server).resume();
    },
    drop: (now) => {
      dropping = now;
      for (const { client, server } of now ? pairs : []) {
        client.unpipe(server).resume();
        server.unpipe(client).resume();
        dropped.add(client).add(server);
      }
    },
    cut,
    refuse: (now) => {
      refused = now;
    },
    close: async () => {
      proxy.close();
      cut();
      for (const socket of dropped) socket.destroy();
      await once(proxy, 'close');
    },
  };
}
