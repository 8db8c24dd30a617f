import { createAudit } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { type Database, withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import { type PlannedPut, type PriceChange, planPuts } from '../price-change.ts';
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

    /** Puts prices into the table, all or none. Returns what `planModelChanges` says of each, in their order. */
    put: (prices: readonly ModelPrice[], caller: Caller): Promise<PutModelPrice[]> =>
      withTransaction(database, async (client) => {
        // One change at a time, so that the price that was compared is the one that is replaced. Prices change rarely.
        await client.query('lock table analytics.model_prices in share row exclusive mode');
        const audit = createAudit(client, clock);
        const done: PutModelPrice[] = [];
        for (const { price, before, change } of planModelChanges(await listModelPrices(client), prices)) {
          if (before && change === 'unchanged') {
            done.push({ change, price: before });
            continue;
          }
          const put = await client.query<ModelPriceRow>(
            `insert into analytics.model_prices
               (provider, model, service_tier, effective_from, effective_to, rates, changed_at, changed_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (provider, model, service_tier, effective_from) do update set
               effective_to = excluded.effective_to, rates = excluded.rates,
               changed_at = excluded.changed_at, changed_by = excluded.changed_by
             returning ${COLUMNS}`,
            [
              ...[price.provider, price.model, price.serviceTier, new Date(price.effectiveFrom)],
              price.effectiveTo === null ? null : new Date(price.effectiveTo),
              ...[JSON.stringify(ratesOf(price)), new Date(clock.now()), caller.actor.id],
            ],
          );
          for (const row of put.rows) done.push({ change, price: priceOf(row) });
          await audit({
            ...caller,
            action: 'price.put',
            subject: nameOf(price),
            ...(before && { before: writeModelPrice(before) }),
            after: writeModelPrice(price),
          });
        }
        return done;
      }),

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

function nameOf(price: ModelPrice): string {
  return `${modelScopeName(price)} from ${new Date(price.effectiveFrom).toISOString()}`;
}
