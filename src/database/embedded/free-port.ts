/** Finds a free port on the loopback address. */
import { createServer } from 'node:net';
import { CodedError } from '../../errors.ts';

/** Below the range that systems use for outgoing connections, so that a free port stays free. */
const FIRST = 20_000;
const COUNT = 12_000;
const ATTEMPTS = 100;

/**
 * A port of 127.0.0.1 on which nobody listens: the preferred one if it is free, else a random one.
 *
 * @throws CodedError `unavailable` when a hundred attempts found none.
 */
export async function findFreePort(preferred?: number): Promise<number> {
  if (preferred && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
  throw new CodedError(
    'unavailable',
    'No free port on 127.0.0.1 was found for the embedded PostgreSQL. Stop other programs, or set DATABASE_URL.',
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1' }, () => probe.close(() => resolve(true)));
  });
}
