import type { Pool, PoolClient } from 'pg';
import { createAudit } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { citusState } from '../../database/extensions/citus.ts';
import { planWithout } from '../../database/extensions/plan-without.ts';
import { allowCompressedEventChanges } from '../../database/extensions/timescaledb.ts';
import { withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { pricedTypes } from '../../events/catalogue.ts';
import { PRICES_TTL } from '../../prices/current-prices.ts';
import type { ModelBook } from '../../prices/models/model-book.ts';
import { readModelBook } from '../../prices/models/read-model-book.ts';
import { PriceBook } from '../../prices/price-book.ts';
import { listPrices } from '../../prices/price-table.ts';
import { type Clock, SECOND, sleep } from '../../time.ts';
import { lockCosts } from '../books/book-day.ts';
import { correctCosts, costsOfBooks } from '../books/reprice-books.ts';
import { bucketEnd, bucketStart, grainNamed } from '../grains.ts';
import { batchesStoredUpTo } from '../stored-up-to.ts';
import { callRepricing } from './call-repricing.ts';
import { jobRepricing } from './job-repricing.ts';
import { keptNumbers } from './kept-numbers.ts';
import { addDifference, type PriceDifference } from './price-difference.ts';
import { blockRemovals, blockRollUps, readAllAsOne } from './remake.ts';
import { type RepricePart, repricePartsOf } from './reprice-days.ts';
import type { Repricing, ScopeValues } from './repricing.ts';

export interface RepriceOptions {
  from: Date;
  to: Date;
  /** Only events of this provider. */
  provider?: string | undefined;
  /** Only calls to this model, or to another name of it; no jobs. */
  model?: string | undefined;
  /** The prices of model calls; those of the table unless given. */
  calls?: ModelBook;
  /** Ends the repricing early. The weeks that are done stay; run it again for the rest. */
  signal?: AbortSignal;
}

/** Milliseconds. */
interface Range {
  start: number;
  end: number;
}

const day = grainNamed('day');
const week = grainNamed('week');

/**
 * What the current prices would change of the costs in a range. Changes nothing.
 * @throws {CodedError} `invalid_request` for an empty range, and for a price that changes within a rollup that cannot
 *   be split any more; `range_not_kept`
 */
export async function repriceDifference(pool: Pool, options: RepriceOptions): Promise<PriceDifference[]> {
  const state = await citusState(pool);
  return repriceAll(pool, options, {
    prepare: (client) => readAllAsOne(client, state),
    act: async () => {},
  });
}

/**
 * Prices the events of a range again by the current prices: raw events, rollups at every grain, and those of all orgs
 * together, with a transaction for each week. A cost that an event says itself stays. Running it again changes nothing
 * more.
 * @throws as `repriceDifference` does
 */
export async function reprice(
  pool: Pool,
  options: RepriceOptions,
  { caller, clock }: { caller: Caller; clock: Clock },
): Promise<PriceDifference[]> {
  // After this time every process that stores events has read the current prices.
  await sleep(PRICES_TTL + SECOND, options.signal);
  const { from, to, provider, model } = options;
  const whose = [provider ?? 'all providers', model].filter((part) => part !== undefined).join(' / ');
  const subject = `${from.toISOString()} to ${to.toISOString()}, ${whose}`;
  await createAudit(pool, clock)({ ...caller, action: 'prices.reprice', subject });
  return repriceAll(pool, options, { prepare: blockChanges, act: (part) => part.write(pool) });
}

/**
 * The steps in the transaction of each week: before the events are looked at, and with each part that would change. The
 * first returns the same as `batchesStoredUpTo`.
 */
interface Steps {
  prepare(client: PoolClient): Promise<number | undefined>;
  act(part: RepricePart): Promise<void>;
}

async function repriceAll(pool: Pool, options: RepriceOptions, steps: Steps): Promise<PriceDifference[]> {
  const { from, to, signal } = options;
  if (from >= to) throw new CodedError('invalid_request', 'the range is empty: --from must be before --to');
  const differences: PriceDifference[] = [];
  for (const repricing of await repricingsOf(pool, options)) {
    const { type } = repricing.definition;
    const found = new Map<string, PriceDifference>();
    const span = await spanOf(pool, type);
    const start = Math.max(from.getTime(), span.start);
    const end = Math.min(to.getTime(), span.end);
    for (let at = start; at < end; at = bucketStart(week, at) + week.width) {
      signal?.throwIfAborted();
      const range = { start: at, end: Math.min(end, bucketStart(week, at) + week.width) };
      await withTransaction(pool, async (client) => {
        const upTo = await steps.prepare(client);
        await planWithoutLoops(client);
        const prices = await pricesThrough(client, repricing, range);
        for await (const part of partsOf(client, repricing, { ...range, upTo }, prices)) {
          const rows = await part.differences();
          for (const row of rows) addDifference(found, row, { type, fromSums: part.fromSums });
          if (rows.some(({ changed }) => changed > 0)) await steps.act(part);
        }
      });
    }
    differences.push(...found.values());
  }
  return differences;
}

/** What is repriced: the jobs of each type that has prices, and the calls. */
async function repricingsOf(pool: Pool, { provider, model, calls }: RepriceOptions): Promise<Repricing[]> {
  const ofCalls = callRepricing(calls ?? (await readModelBook(pool)), { provider, model });
  if (model !== undefined) return [ofCalls];
  const book = new PriceBook(await listPrices(pool));
  return [...pricedTypes.map((definition) => jobRepricing(definition, book, { provider })), ofCalls];
}

async function* partsOf(
  client: PoolClient,
  repricing: Repricing,
  { start, end, upTo }: Range & { upTo: number | undefined },
  prices: string,
): AsyncGenerator<RepricePart> {
  const { type } = repricing.definition;
  const [from, to] = [new Date(bucketStart(day, start)), new Date(bucketEnd(day, end))];
  for (const days of await keptNumbers(client, from, to)) {
    const booked = { ...days, type, upTo };
    const before = days.source === 'raw' ? undefined : await costsOfBooks(client, booked);
    yield* repricePartsOf(client, repricing, { ...days, upTo }, prices);
    // The caller has written the parts by now, if anything changes.
    if (before) await correctCosts(client, type, { before, after: await costsOfBooks(client, booked) });
  }
}

/** The range that all events of a type lie in. */
async function spanOf(pool: Pool, type: string): Promise<Range> {
  const { rows } = await pool.query<{ first: Date | null; last: Date | null }>(
    `select least(
       (select min(bucket_start) from analytics.rollups where type = $1),
       (select min(occurred_at) from analytics.events where type = $1)) as first,
     greatest(
       (select max(bucket_start) from analytics.rollups where type = $1),
       (select max(occurred_at) from analytics.events where type = $1)) as last`,
    [type],
  );
  const { first, last } = rows[0] ?? {};
  if (!first || !last) return { start: 0, end: 0 };
  return { start: bucketStart(day, first.getTime()), end: bucketEnd(week, last.getTime() + 1) };
}

/**
 * The prices come with the statement. The planner takes them for a row or two, and joins raw events to them in loops.
 * 100,000 jobs took 42 s so, and 1 s by hashes. Loops that cannot be avoided would look worth compiling.
 */
async function planWithoutLoops(client: PoolClient): Promise<void> {
  await planWithout(client, ['enable_nestloop', 'jit']);
}

/** Until the transaction ends, what it reads is neither rolled up nor removed. */
async function blockChanges(client: PoolClient): Promise<number | undefined> {
  await lockCosts(client);
  await blockRollUps(client);
  const upTo = await batchesStoredUpTo(client);
  await blockRemovals(client, 'row exclusive');
  await allowCompressedEventChanges(client);
  return upTo;
}

/** The prices of a type's series through a range, as JSON for the statements. */
async function pricesThrough(
  client: PoolClient,
  { definition, scope, stretches }: Repricing,
  range: Range,
): Promise<string> {
  const { rows } = await client.query<{ scope: ScopeValues }>(
    `select json_build_array(${scope.join(', ')}) as scope
     from (select distinct ${scope.join(', ')} from analytics.series where type = $1 and ${scope[0]} is not null) as s`,
    [definition.type],
  );
  return JSON.stringify(
    rows.flatMap(({ scope: values }) => {
      const named = Object.fromEntries(scope.map((column, index) => [column, values[index] ?? null]));
      return stretches(values, range)?.map((stretch) => ({ ...named, ...stretch })) ?? [];
    }),
  );
}
