/** Finds a free port on the loopback address. */
import { createServer } from 'node:net';
import { CodedError } from '../../errors.ts';

/** Below the range from which systems number outgoing connections, so that a found port stays free. */
const FIRST = 20_000;
const COUNT = 12_000;
const ATTEMPTS = 100;

/**
 * A port of 127.0.0.1 on which nobody listens: the preferred one if it is free, else a random one.
 *
 * @throws CodedError `unavailable` when a hundred tries found none.
 */
export async function findFreePort(preferred?: number): Promise<number> {
  if (preferred && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
  throw new CodedError('unavailable', 'There is no free port on 127.0.0.1 for the embedded PostgreSQL.');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1' }, () => probe.close(() => resolve(true)));
  });
}
