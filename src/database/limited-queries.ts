import type { Pool } from 'pg';
import { CodedError } from '../errors.ts';
import { type Queryable, withTransaction } from './pool.ts';
import type { Semaphore } from './semaphore.ts';

interface Limits {
  /** Each query holds a place of every semaphore, so queries that share a semaphore share its connections. */
  semaphores: readonly Semaphore[];
  /** Milliseconds that a query may wait for its places, and again the time limit of the query itself. */
  timeoutMs: number;
}

/**
 * Queries that leave part of a pool to others, however slow they are. Each is a short transaction with its own timeout.
 * This costs two more round trips, and works behind PgBouncer too. A query that finds no place in time fails with
 * `timed_out`; the server cancels one that takes too long.
 */
export function limitQueries(pool: Pool, { semaphores, timeoutMs }: Limits): Queryable {
  const query = async (sql: string, values?: unknown[]) => {
    const held: Semaphore[] = [];
    try {
      for (const semaphore of semaphores) {
        if (!(await semaphore.acquire(timeoutMs)))
          throw new CodedError('timed_out', 'too many slow queries are running; try again');
        held.push(semaphore);
      }
      return await withTransaction(pool, (client) => client.query(sql, values), {
        statementTimeoutMs: timeoutMs,
      });
    } finally {
      for (const semaphore of held) semaphore.release();
    }
  };
  return { query: query as Queryable['query'] };
}
