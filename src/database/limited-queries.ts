import type { Pool } from 'pg';
import { CodedError } from '../errors.ts';
import type { Places } from './places.ts';
import { type Queries, withTransaction } from './pool.ts';

interface Limits {
  /** One of each is held by a query: whoever has the same places shares so many connections. */
  places: readonly Places[];
  /** Milliseconds that a query may wait for a place, and that it may take once it is asked. */
  timeoutMs: number;
}

/**
 * Queries that leave something of a pool to others, however slow they are. Each is a short transaction with a timeout
 * of its own, which takes two round trips more and holds behind PgBouncer too. One that finds no place in time is not
 * asked (`timed_out`); one that takes too long is given up by the server.
 */
export function limitQueries(pool: Pool, { places, timeoutMs }: Limits): Queries {
  const query = async (sql: string, values?: unknown[]) => {
    const held: Places[] = [];
    try {
      for (const some of places) {
        if (!(await some.enter(timeoutMs)))
          throw new CodedError('timed_out', 'others are asked for too long already');
        held.push(some);
      }
      return await withTransaction(pool, (client) => client.query(sql, values), {
        statementTimeoutMs: timeoutMs,
      });
    } finally {
      for (const some of held) some.leave();
    }
  };
  return { query: query as Queries['query'] };
}
