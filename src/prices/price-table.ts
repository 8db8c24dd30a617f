import { createAudit } from '../auth/audit.ts';
import type { Caller } from '../auth/caller.ts';
import { type Database, withTransaction } from '../database/pool.ts';
import { CodedError } from '../errors.ts';
import type { Clock } from '../time.ts';
import { type Price, priceName, priceParts, type StoredPrice, scopeKey, writePrice } from './price.ts';
import { type PlannedPut, type PriceChange, type PutOptions, planPuts } from './price-change.ts';

export interface PutPrice {
  change: PriceChange;
  price: StoredPrice;
}

const amounts = [
  'cents_per_job',
  'cents_per_second',
  'cents_per_million_input_tokens',
  'cents_per_million_output_tokens',
] as const;

interface PriceRow {
  cents_per_job: number | null;
  cents_per_second: number | null;
  cents_per_million_input_tokens: number | null;
  cents_per_million_output_tokens: number | null;
  price_id: number;
  provider: string;
  pipeline: string | null;
  operation: string | null;
  effective_from: Date;
  effective_to: Date | null;
  changed_at: Date;
  changed_by: string;
}

// Read as doubles: a double distinguishes all numbers up to 100 million with six decimals.
const COLUMNS = `price_id, provider, pipeline, operation, effective_from, effective_to, changed_at, changed_by,
  ${amounts.map((amount) => `${amount}::float8 as ${amount}`).join(', ')}`;

function priceOf(row: PriceRow): StoredPrice {
  return {
    id: row.price_id,
    provider: row.provider,
    pipeline: row.pipeline,
    operation: row.operation,
    effectiveFrom: row.effective_from.getTime(),
    effectiveTo: row.effective_to?.getTime() ?? null,
    centsPerJob: row.cents_per_job,
    centsPerSecond: row.cents_per_second,
    centsPerMillionInputTokens: row.cents_per_million_input_tokens,
    centsPerMillionOutputTokens: row.cents_per_million_output_tokens,
    changedAt: row.changed_at.getTime(),
    changedBy: row.changed_by,
  };
}

/** All prices, ordered by scope and start. */
export async function listPrices(database: Database): Promise<StoredPrice[]> {
  const { rows } = await database.query<PriceRow>(
    `select ${COLUMNS} from analytics.prices
     order by provider, pipeline nulls first, operation nulls first, effective_from`,
  );
  return rows.map(priceOf);
}

function placeOf(price: Price): string {
  return `${scopeKey(price)}\0${price.effectiveFrom}`;
}

function isEqual(a: Price, b: Price): boolean {
  return a.effectiveTo === b.effectiveTo && priceParts.every((part) => a[part] === b[part]);
}

/** What each price would change if it were put into the table. Pure. */
export function planChanges(
  stored: readonly StoredPrice[],
  prices: readonly Price[],
): PlannedPut<Price, StoredPrice>[] {
  return planPuts(stored, prices, { placeOf, isEqual });
}

export type PriceTable = ReturnType<typeof createPriceTable>;

/** The table of prices. The audit log records each change. */
export function createPriceTable({ database, clock }: { database: Database; clock: Clock }) {
  return {
    list: (): Promise<StoredPrice[]> => listPrices(database),

    /** Puts prices into the table, all or none. Returns what `planChanges` says of each, in their order. */
    put: (prices: readonly Price[], caller: Caller): Promise<PutPrice[]> =>
      withTransaction(database, (client) =>
        putPrices(client, prices, { clock, caller, audit: createAudit(client, clock) }),
      ),

    /** Removes a price from the table and returns it. @throws {CodedError} `not_found` */
    remove: (id: number, caller: Caller): Promise<StoredPrice> =>
      withTransaction(database, async (client) => {
        const { rows } = await client.query<PriceRow>(
          `delete from analytics.prices where price_id = $1 returning ${COLUMNS}`,
          [id],
        );
        if (!rows[0]) throw new CodedError('not_found', 'There is no price with this id.');
        const removed = priceOf(rows[0]);
        const audit = createAudit(client, clock);
        await audit({
          ...caller,
          action: 'price.remove',
          subject: priceName(removed),
          before: writePrice(removed),
        });
        return removed;
      }),
  };
}

/** Puts prices in a transaction. @param audit records each change; without it the caller records them together */
export async function putPrices(
  client: Database,
  prices: readonly Price[],
  { clock, caller, audit }: PutOptions,
): Promise<PutPrice[]> {
  // One change at a time, so that the price that was compared is the one that is replaced. Prices change rarely.
  await client.query('lock table analytics.prices in share row exclusive mode');
  const done: PutPrice[] = [];
  for (const { price, before, change } of planChanges(await listPrices(client), prices)) {
    if (before && change === 'unchanged') {
      done.push({ change, price: before });
      continue;
    }
    const put = await client.query<PriceRow>(
      `insert into analytics.prices (provider, pipeline, operation, effective_from, effective_to,
         ${amounts.join(', ')}, changed_at, changed_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       on conflict (provider, pipeline, operation, effective_from) do update set
         effective_to = excluded.effective_to,
         ${amounts.map((amount) => `${amount} = excluded.${amount}`).join(', ')},
         changed_at = excluded.changed_at, changed_by = excluded.changed_by
       returning ${COLUMNS}`,
      [
        price.provider,
        price.pipeline,
        price.operation,
        new Date(price.effectiveFrom),
        price.effectiveTo === null ? null : new Date(price.effectiveTo),
        ...priceParts.map((part) => price[part]),
        new Date(clock.now()),
        caller.actor.id,
      ],
    );
    for (const row of put.rows) done.push({ change, price: priceOf(row) });
    await audit?.({
      ...caller,
      action: 'price.put',
      subject: priceName(price),
      ...(before && { before: writePrice(before) }),
      after: writePrice(price),
    });
  }
  return done;
}
