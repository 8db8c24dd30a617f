import { once } from 'node:events';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** An SMTP server on loopback, without accounts or TLS. `onData` handles its mails. */
export async function startSmtpServer(
  options: SMTPServerOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = new SMTPServer({
    authOptional: true,
    closeTimeout: 100,
    disabledCommands: ['STARTTLS'],
    logger: false,
    ...options,
  });
  // Clients that give up are part of the tests.
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  const inner = (server as unknown as { server: NetServer }).server;
  if (!inner.listening) await once(inner, 'listening');
  return {
    url: `smtp://127.0.0.1:${(inner.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
