import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { isTransient } from '../database/connection-error.ts';
import { CodedError } from '../errors.ts';
import { SECOND } from '../time.ts';
import { ModelBook } from './models/model-book.ts';
import { readModelBook } from './models/read-model-book.ts';
import { PriceBook } from './price-book.ts';
import { listPrices } from './price-table.ts';

/** After a price has changed, every process uses it within this time. */
export const PRICES_TTL = 2 * SECOND;

/** The prices of ML jobs and those of model calls. */
export interface Prices {
  jobs: PriceBook;
  calls: ModelBook;
}

/**
 * Returns a function that resolves with the current prices. It reads the prices of jobs at most every two seconds: there
 * are few, and to ask whether they have changed would cost as much. Of models there may be thousands, so these are read
 * again only after a change.
 * @throws {CodedError} `unavailable`, as a rejection, when the database is down
 */
export function createCurrentPrices(pool: Pool): () => Promise<Prices> {
  const readCalls = createModelBookReader(pool);
  const cache = new LRUCache<'all', Prices>({
    max: 1,
    ttl: PRICES_TTL,
    fetchMethod: async () => ({ calls: await readCalls(), jobs: new PriceBook(await listPrices(pool)) }),
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

function createModelBookReader(pool: Pool): () => Promise<ModelBook> {
  let book = new ModelBook([]);
  let readAt = '';
  return async () => {
    // A change gives a price a new time, and a removal changes the number of prices or their ids.
    const { rows } = await pool.query<{ state: string }>(
      `select concat_ws(' ', p.state, a.state) as state
       from (select concat_ws(' ', count(*), sum(price_id), max(changed_at)) as state from analytics.model_prices) as p,
         (select concat_ws(' ', count(*), sum(alias_id), max(changed_at)) as state from analytics.model_aliases) as a`,
    );
    const state = rows[0]?.state ?? '';
    if (state !== readAt) book = await readModelBook(pool);
    readAt = state;
    return book;
  };
}
