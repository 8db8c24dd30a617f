import type { Pool } from 'pg';

/**
 * Measures every query of the pool, failed ones included, from the request for a connection to the result. Queries on a
 * client of the pool, as in a transaction, are not measured.
 * @param observe receives seconds
 */
export function timeQueries(pool: Pool, observe: (seconds: number) => void): void {
  const query = pool.query.bind(pool) as (...given: unknown[]) => unknown;
  const timed = (...given: unknown[]): unknown => {
    const began = performance.now();
    const result = query(...given);
    const done = () => observe((performance.now() - began) / 1_000);
    if (result instanceof Promise) result.then(done, done);
    return result;
  };
  pool.query = timed as Pool['query'];
}
