import type { Pool } from 'pg';
import type { Caller } from '../../../src/auth/caller.ts';
import { createModelPriceTable } from '../../../src/prices/models/model-price-table.ts';
import { readModelPrice } from '../../../src/prices/models/read-model-price.ts';
import { createPriceTable } from '../../../src/prices/price-table.ts';
import { readPrice } from '../../../src/prices/read-price.ts';
import { systemClock } from '../../../src/time.ts';

/** A person who changes prices. */
export const caller: Caller = {
  actor: { id: 'ada', roles: ['admin'], orgs: [], via: 'jwt' },
  route: 'test',
  requestId: 'r-1',
};

/** Writes a price to the table, as a request does. */
export async function putPrice(pool: Pool, price: object): Promise<void> {
  const read = readPrice(price, '$');
  if (Array.isArray(read)) throw new Error(JSON.stringify(read));
  await createPriceTable({ database: pool, clock: systemClock }).put([read], caller);
}

/** Writes a price of model calls to the table, as a request does. */
export async function putModelPrice(pool: Pool, price: object): Promise<void> {
  const read = readModelPrice(price, '$');
  if (Array.isArray(read)) throw new Error(JSON.stringify(read));
  await createModelPriceTable({ database: pool, clock: systemClock }).put([read], caller);
}
