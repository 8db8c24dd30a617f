import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { isTransient } from '../database/connection-error.ts';
import { CodedError } from '../errors.ts';
import { SECOND } from '../time.ts';
import { PriceBook } from './price-book.ts';
import { listPrices } from './price-table.ts';

/** A changed price is used everywhere for what arrives after this time. */
export const PRICES_TTL = 2 * SECOND;

/**
 * The prices as they stand, read when they are needed and not more often than every two seconds: the table is
 * small, and asking whether it has changed would cost as much.
 * @throws {CodedError} `unavailable`, from what it resolves to, when the database is away
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
      throw new CodedError('unavailable', 'the prices cannot be read; send the events again', {
        retryAfterSeconds: 2,
        cause: error,
      });
    }
  };
}
