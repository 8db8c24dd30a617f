import { Client } from 'pg';
import { CodedError } from '../errors.ts';
import { SECOND } from '../time.ts';
import { sessionOptions } from './pool.ts';

/** Longest a server may take to let us in. */
const PATIENCE = 10 * SECOND;

/**
 * A connection of its own, outside the pools. When the signal aborts it is cut, whatever it waits for; the server
 * takes back what was not committed.
 *
 * @throws {CodedError} `unavailable` when the server says nothing
 * @throws the driver's error when it refuses, cannot be reached, or the connection is cut
 */
export async function connect(
  connectionString: string,
  applicationName: string,
  stopRequested?: AbortSignal,
): Promise<Client> {
  stopRequested?.throwIfAborted();
  const client = new Client({
    connectionString,
    application_name: applicationName,
    options: sessionOptions,
    keepAlive: true,
    connectionTimeoutMillis: PATIENCE,
  });
  const cut = () => void client.connection.stream.destroy();
  stopRequested?.addEventListener('abort', cut, { once: true });
  client.once('end', () => stopRequested?.removeEventListener('abort', cut));
  client.on('error', () => {});
  try {
    return await client.connect();
  } catch (error) {
    if ((error as Error).message !== 'timeout expired') throw error;
    throw new CodedError(
      'unavailable',
      `The database at ${client.host}:${client.port} (DATABASE_URL) said nothing for ${PATIENCE / SECOND} seconds.`,
      { cause: error },
    );
  }
}
