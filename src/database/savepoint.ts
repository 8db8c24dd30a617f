import type { PoolClient } from 'pg';
import { isConnectionError } from './connection-error.ts';

/**
 * Runs `fn` inside a transaction. If `fn` fails, the transaction is as it was before, so the rows of other orgs in the
 * same transaction are still stored.
 * @returns the error of `fn`, if it failed
 * @throws when the connection is lost
 */
export async function withSavepoint(client: PoolClient, fn: () => Promise<void>): Promise<Error | undefined> {
  await client.query('savepoint one_of_many');
  try {
    await fn();
    await client.query('release savepoint one_of_many');
    return undefined;
  } catch (error) {
    if (isConnectionError(error)) throw error;
    await client.query('rollback to savepoint one_of_many');
    return error as Error;
  }
}
