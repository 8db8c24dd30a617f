import type { Pool } from 'pg';

/**
 * Has the time of every query that is asked of the pool itself observed, waiting for a connection included,
 * whether it succeeds or not. Queries on a client of the pool, as in a transaction, are not seen.
 * @param observe is given seconds
 */
export function timeQueries(pool: Pool, observe: (seconds: number) => void): void {
  const query = pool.query.bind(pool) as (...given: unknown[]) => unknown;
  const timed = (...given: unknown[]): unknown => {
    const began = performance.now();
    const asked = query(...given);
    const done = () => observe((performance.now() - began) / 1_000);
    if (asked instanceof Promise) asked.then(done, done);
    return asked;
  };
  pool.query = timed as Pool['query'];
}
