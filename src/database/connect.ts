import { Client } from 'pg';
import { CodedError } from '../errors.ts';
import { SECOND } from '../time.ts';
import { sessionOf } from './session.ts';

/** Time for the server to accept the connection. */
const CONNECT_TIMEOUT = 10 * SECOND;

/**
 * Opens a connection outside the pools. When the signal aborts, the connection is cut, whatever it waits for. The server
 * rolls back everything that is not committed.
 *
 * @throws {CodedError} `unavailable` when the server does not answer
 * @throws the driver's error when the server refuses the connection or cannot be reached, or the connection is cut
 */
export async function connect(
  connectionString: string,
  applicationName: string,
  stopRequested?: AbortSignal,
): Promise<Client> {
  stopRequested?.throwIfAborted();
  const client = new Client({
    ...sessionOf(connectionString),
    application_name: applicationName,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
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
      `The database at ${client.host}:${client.port} (DATABASE_URL) did not answer for ${CONNECT_TIMEOUT / SECOND} seconds.`,
      { cause: error },
    );
  }
}
