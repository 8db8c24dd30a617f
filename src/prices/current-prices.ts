import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { isTransient } from '../database/connection-error.ts';
import { CodedError } from '../errors.ts';
import { SECOND } from '../time.ts';
import { PriceBook } from './price-book.ts';
import { listPrices } from './price-table.ts';

/** After a price has changed, every process uses it within this time. */
export const PRICES_TTL = 2 * SECOND;

/**
 * Returns a function that resolves with the current prices. It reads the table at most every two seconds: the table is
 * small, and to ask whether it has changed would cost as much.
 * @throws {CodedError} `unavailable`, as a rejection, when the database is down
 */
export function createCurrentPrices(pool: Pool): () => Promise<PriceBook> {
  const cache = new LRUCache<'all', PriceBook>({
    max: 1,
    ttl: PRICES_TTL,
    fetchMethod: async () => new PriceBook(await listPrices(pool)),
  });
  return async () => {
    try {
      return await cache.forceFetch('all');
    } catch (error) {
      if (!isTransient(error)) throw error;
      throw new CodedError('unavailable', 'the prices cannot be read now; send the events again', {
        retryAfterSeconds: 2,
        cause: error,
      });
    }
  };
}
