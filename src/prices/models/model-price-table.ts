import { createAudit } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { type Database, withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import { type PlannedPut, type PriceChange, type PutOptions, planPuts } from '../price-change.ts';
import {
  type ModelPrice,
  modelScopeKey,
  modelScopeName,
  type StoredModelPrice,
  writeModelPrice,
} from './model-price.ts';
import { readModelPrice } from './read-model-price.ts';

export interface PutModelPrice {
  change: PriceChange;
  price: StoredModelPrice;
}

interface ModelPriceRow {
  price_id: number;
  provider: string;
  model: string;
  service_tier: string | null;
  effective_from: Date;
  effective_to: Date | null;
  /** As `writeModelPrice` has them. */
  rates: object;
  changed_at: Date;
  changed_by: string;
}

const COLUMNS =
  'price_id, provider, model, service_tier, effective_from, effective_to, rates, changed_at, changed_by';

function priceOf(row: ModelPriceRow): StoredModelPrice {
  const price = readModelPrice(
    {
      ...row.rates,
      provider: row.provider,
      model: row.model,
      serviceTier: row.service_tier,
      effectiveFrom: row.effective_from.toISOString(),
      effectiveTo: row.effective_to?.toISOString(),
    },
    `price ${row.price_id}`,
  );
  if (Array.isArray(price)) throw new Error(`a stored price is not valid: ${JSON.stringify(price)}`);
  return { ...price, id: row.price_id, changedAt: row.changed_at.getTime(), changedBy: row.changed_by };
}

function ratesOf(price: ModelPrice): object {
  const {
    provider: _,
    model: __,
    serviceTier: ___,
    effectiveFrom,
    effectiveTo,
    ...rates
  } = writeModelPrice(price);
  return rates;
}

/** All prices of models, ordered by scope and start. */
export async function listModelPrices(database: Database): Promise<StoredModelPrice[]> {
  const { rows } = await database.query<ModelPriceRow>(
    `select ${COLUMNS} from analytics.model_prices
     order by provider, model, service_tier nulls first, effective_from`,
  );
  return rows.map(priceOf);
}

/** Where a price is in the order of all: provider, model, service tier or nothing, and start as ISO 8601. */
export type ModelPricePlace = readonly [provider: string, model: string, serviceTier: string, from: string];

/** The prices to list. */
export interface ModelPricePage {
  provider: string | undefined;
  model: string | undefined;
  /** Only prices behind this place. */
  after: ModelPricePlace | undefined;
  limit: number;
}

export function modelPricePlace(price: ModelPrice): ModelPricePlace {
  const from = new Date(price.effectiveFrom).toISOString();
  return [price.provider, price.model, price.serviceTier ?? '', from];
}

const ORDER = `provider, model, coalesce(service_tier, ''), effective_from`;

async function listModelPricePage(
  database: Database,
  { provider, model, after, limit }: ModelPricePage,
): Promise<StoredModelPrice[]> {
  const { rows } = await database.query<ModelPriceRow>(
    `select ${COLUMNS} from analytics.model_prices
     where ($1::text is null or provider = $1) and ($2::text is null or model = $2)
       and ($3::text is null or (${ORDER}) > ($3, $4, $5, $6::timestamptz))
     order by ${ORDER} limit $7`,
    [provider ?? null, model ?? null, ...(after ?? [null, null, null, null]), limit],
  );
  return rows.map(priceOf);
}

function placeOf(price: ModelPrice): string {
  return `${modelScopeKey(price)}\0${price.effectiveFrom}`;
}

function isEqual(a: ModelPrice, b: ModelPrice): boolean {
  return JSON.stringify(writeModelPrice(a)) === JSON.stringify(writeModelPrice(b));
}

/** What each price would change if it were put into the table. Pure. */
export function planModelChanges(
  stored: readonly StoredModelPrice[],
  prices: readonly ModelPrice[],
): PlannedPut<ModelPrice, StoredModelPrice>[] {
  // Of a stored price only what a price consists of is written, without its id.
  return planPuts<ModelPrice, StoredModelPrice>(stored, prices, { placeOf, isEqual });
}

export type ModelPriceTable = ReturnType<typeof createModelPriceTable>;

/** The table of prices of models. The audit log records each change. */
export function createModelPriceTable({ database, clock }: { database: Database; clock: Clock }) {
  return {
    list: (): Promise<StoredModelPrice[]> => listModelPrices(database),

    /** One page of the prices, in the order of all. */
    page: (wanted: ModelPricePage): Promise<StoredModelPrice[]> => listModelPricePage(database, wanted),

    /** Puts prices into the table, all or none. Returns what `planModelChanges` says of each, in their order. */
    put: (prices: readonly ModelPrice[], caller: Caller): Promise<PutModelPrice[]> =>
      withTransaction(database, (client) =>
        putModelPrices(client, prices, { clock, caller, audit: createAudit(client, clock) }),
      ),

    /** Removes a price from the table and returns it. @throws {CodedError} `not_found` */
    remove: (id: number, caller: Caller): Promise<StoredModelPrice> =>
      withTransaction(database, async (client) => {
        const { rows } = await client.query<ModelPriceRow>(
          `delete from analytics.model_prices where price_id = $1 returning ${COLUMNS}`,
          [id],
        );
        if (!rows[0]) throw new CodedError('not_found', 'There is no price of a model with this id.');
        const removed = priceOf(rows[0]);
        const audit = createAudit(client, clock);
        await audit({
          ...caller,
          action: 'price.remove',
          subject: nameOf(removed),
          before: writeModelPrice(removed),
        });
        return removed;
      }),
  };
}

/**
 * Puts prices in a transaction, in one statement: a list has thousands.
 * @param prices no two of the same scope and start
 * @param audit records each change; without it the caller records them together
 */
export async function putModelPrices(
  client: Database,
  prices: readonly ModelPrice[],
  { clock, caller, audit }: PutOptions,
): Promise<PutModelPrice[]> {
  // One change at a time, so that the price that was compared is the one that is replaced. Prices change rarely.
  await client.query('lock table analytics.model_prices in share row exclusive mode');
  const planned = planModelChanges(await listModelPrices(client), prices);
  const rows = planned.flatMap(({ price, change }) => (change === 'unchanged' ? [] : [rowOf(price)]));
  const put = await client.query<ModelPriceRow>(
    `insert into analytics.model_prices
       (provider, model, service_tier, effective_from, effective_to, rates, changed_at, changed_by)
     select p.provider, p.model, p.service_tier, p.effective_from, p.effective_to, p.rates, $2, $3
     from jsonb_to_recordset($1::jsonb) as p (provider text, model text, service_tier text,
       effective_from timestamptz, effective_to timestamptz, rates jsonb)
     on conflict (provider, model, service_tier, effective_from) do update set
       effective_to = excluded.effective_to, rates = excluded.rates,
       changed_at = excluded.changed_at, changed_by = excluded.changed_by
     returning ${COLUMNS}`,
    [JSON.stringify(rows), new Date(clock.now()), caller.actor.id],
  );
  const byPlace = new Map(put.rows.map(priceOf).map((price) => [placeOf(price), price]));
  const done: PutModelPrice[] = [];
  for (const { price, before, change } of planned) {
    const stored = byPlace.get(placeOf(price)) ?? before;
    if (!stored) throw new Error('a price was neither put nor refused');
    done.push({ change, price: stored });
    if (change === 'unchanged') continue;
    await audit?.({
      ...{ ...caller, action: 'price.put', subject: nameOf(price), after: writeModelPrice(price) },
      ...(before && { before: writeModelPrice(before) }),
    });
  }
  return done;
}

function rowOf(price: ModelPrice): object {
  const { provider, model, serviceTier: service_tier } = price;
  return {
    ...{ provider, model, service_tier, rates: ratesOf(price) },
    effective_from: new Date(price.effectiveFrom),
    effective_to: price.effectiveTo === null ? null : new Date(price.effectiveTo),
  };
}

function nameOf(price: ModelPrice): string {
  return `${modelScopeName(price)} from ${new Date(price.effectiveFrom).toISOString()}`;
}
