import type { Pool } from 'pg';
import type { Caller } from '../../../src/auth/caller.ts';
import { createPriceTable } from '../../../src/prices/price-table.ts';
import { readPrice } from '../../../src/prices/read-price.ts';
import { systemClock } from '../../../src/time.ts';

/** Somebody who changes prices. */
export const caller: Caller = {
  actor: { id: 'ada', roles: ['admin'], orgs: [], via: 'jwt' },
  route: 'test',
  requestId: 'r-1',
};

/** Puts a price into the table, as a request would bring it. */
export async function putPrice(pool: Pool, price: object): Promise<void> {
  const read = readPrice(price, '$');
  if (Array.isArray(read)) throw new Error(JSON.stringify(read));
  await createPriceTable({ database: pool, clock: systemClock }).put([read], caller);
}
