import type { Pool, PoolClient } from 'pg';
import { createAudit, type Deed } from '../../auth/audit.ts';
import { citusState } from '../../database/extensions/citus.ts';
import { planWithout } from '../../database/extensions/plan-without.ts';
import { mayChangeCompressedEvents } from '../../database/extensions/timescaledb.ts';
import { withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { Row } from '../../events/event-type.ts';
import { type CostSource, mlJob } from '../../events/types/ml-job.ts';
import { PRICES_TTL } from '../../prices/current-prices.ts';
import type { PriceScope } from '../../prices/price.ts';
import { PriceBook } from '../../prices/price-book.ts';
import { listPrices } from '../../prices/price-table.ts';
import { enterSeries, seriesNameOf } from '../../series/enter-series.ts';
import { type Clock, SECOND, sleep } from '../../time.ts';
import { bucketEnd, bucketStart, type Grain, grainNamed } from '../grains.ts';
import { batchesStoredUpTo } from '../stored-up-to.ts';
import { type KeptDays, keptNumbers } from './kept-numbers.ts';
import { addDifference, type DifferenceRow, type PriceDifference } from './price-difference.ts';
import { remakeFromRaw } from './rebuild.ts';
import { holdRemovals, holdRollUps, readAllAsOne, remake } from './remake.ts';
import {
  cutBuckets,
  ofRawJobs,
  ofRolledUpJobs,
  ofWaitingJobs,
  rewriteRows,
  UPDATE_RAW,
} from './reprice-sql.ts';

export interface RepriceOptions {
  from: Date;
  to: Date;
  /** Only jobs of this provider. */
  provider?: string | undefined;
  /** Aborted: what was done stays, the rest is left; to be run again. */
  signal?: AbortSignal;
}

/** A series whose jobs change, with its dimensions, and where the costs of these are from then on. */
type ChangedSeries = Record<
  'pipeline' | 'operation' | 'provider' | 'status' | 'error_code',
  string | null
> & {
  org_id: string;
  series_id: number;
  source: CostSource;
};

const day = grainNamed('day');
const week = grainNamed('week');

/**
 * What pricing the jobs of a range anew would change, by the prices as they are now. Changes nothing.
 * @throws {CodedError} `invalid_request` for an empty range, or a price that changes within rollups that cannot be
 *   split any more; `range_not_kept`
 */
export async function repriceDifference(pool: Pool, options: RepriceOptions): Promise<PriceDifference[]> {
  const state = await citusState(pool);
  return repriceWeeks(pool, options, {
    prepare: (client) => readAllAsOne(client, state),
    act: async () => {},
  });
}

/**
 * Prices the jobs of a range anew by the prices as they are now: raw events, rollups at every grain and those of all
 * orgs together, a week a transaction. What jobs say of their cost themselves stays. Running it again changes
 * nothing more.
 * @throws as `repriceDifference` does
 */
export async function reprice(
  pool: Pool,
  options: RepriceOptions,
  { deed, clock }: { deed: Deed; clock: Clock },
): Promise<PriceDifference[]> {
  // By then every process that stores events has read the prices as they are.
  await sleep(PRICES_TTL + SECOND, options.signal);
  const { from, to, provider } = options;
  const subject = `${from.toISOString()} to ${to.toISOString()}, ${provider ?? 'all providers'}`;
  await createAudit(pool, clock)({ ...deed, action: 'prices.reprice', subject });
  return repriceWeeks(pool, options, { prepare: holdEverything, act: (part) => part.write(pool) });
}

/** The jobs of some days. */
interface Part {
  /** Whether their costs are worked out of sums. */
  fromSums: boolean;
  differences(): Promise<DifferenceRow[]>;
  /** Gives them their new costs. Series that are new are entered by themselves, so that nobody waits for them. */
  write(seriesIn: Pool): Promise<void>;
}

/**
 * What is done in the transaction of each week: before it is looked at, and with what would change. The first answers as
 * `batchesStoredUpTo` does.
 */
interface Doing {
  prepare(client: PoolClient): Promise<number | undefined>;
  act(part: Part): Promise<void>;
}

async function repriceWeeks(
  pool: Pool,
  { from, to, provider, signal }: RepriceOptions,
  { prepare, act }: Doing,
): Promise<PriceDifference[]> {
  if (from >= to) throw new CodedError('invalid_request', 'the range is empty: --from must be before --to');
  const book = new PriceBook(await listPrices(pool));
  const found = new Map<string, PriceDifference>();
  const span = await jobsSpan(pool);
  const start = Math.max(from.getTime(), span.from);
  const end = Math.min(to.getTime(), span.to);
  for (let at = start; at < end; at = bucketStart(week, at) + week.width) {
    signal?.throwIfAborted();
    const until = Math.min(end, bucketStart(week, at) + week.width);
    const range = { start: at, end: until };
    await withTransaction(pool, async (client) => {
      const upTo = await prepare(client);
      await planWithoutLoops(client);
      const stretches = await stretchesOf(client, book, range, provider);
      for (const days of await keptNumbers(
        client,
        new Date(bucketStart(day, at)),
        new Date(bucketEnd(day, until)),
      )) {
        for (const part of partsOf(client, { ...days, upTo }, stretches)) {
          const differences = await part.differences();
          for (const row of differences) addDifference(found, row, part.fromSums);
          if (differences.some(({ changed }) => changed > 0)) await act(part);
        }
      }
    });
  }
  return [...found.values()];
}

/** The time all jobs lie in; milliseconds. */
async function jobsSpan(pool: Pool): Promise<{ from: number; to: number }> {
  const { rows } = await pool.query<{ first: Date | null; last: Date | null }>(
    `select least(
       (select min(bucket_start) from analytics.rollups where type = $1),
       (select min(occurred_at) from analytics.events where type = $1)) as first,
     greatest(
       (select max(bucket_start) from analytics.rollups where type = $1),
       (select max(occurred_at) from analytics.events where type = $1)) as last`,
    [mlJob.type],
  );
  const { first, last } = rows[0] ?? {};
  if (!first || !last) return { from: 0, to: 0 };
  return { from: bucketStart(day, first.getTime()), to: bucketEnd(week, last.getTime() + 1) };
}

/**
 * The planner takes the prices, which come with the statement, for a row or two, and joins raw events to
 * them in loops: 100,000 jobs took 42 s, and 1 s by hashes. Loops that cannot be avoided would look worth compiling.
 */
async function planWithoutLoops(client: PoolClient): Promise<void> {
  await planWithout(client, ['enable_nestloop', 'jit']);
}

/** Keeps what is read here from being rolled up, or removed, until the transaction ends. */
async function holdEverything(client: PoolClient): Promise<number | undefined> {
  await holdRollUps(client);
  const upTo = await batchesStoredUpTo(client);
  await holdRemovals(client, 'row exclusive');
  await mayChangeCompressedEvents(client);
  return upTo;
}

/** The prices of every kind of job through a range, as JSON for the statements. */
async function stretchesOf(
  client: PoolClient,
  book: PriceBook,
  range: { start: number; end: number },
  provider: string | undefined,
): Promise<string> {
  const { rows: kinds } = await client.query<PriceScope>(
    `select distinct provider, pipeline, operation from analytics.series
     where type = $1 and ($2::text is null or provider = $2)`,
    [mlJob.type, provider],
  );
  const stretches = kinds.flatMap((kind) =>
    book.through(kind, range).map(({ start, end, price }) => ({
      provider: kind.provider,
      pipeline: kind.pipeline,
      operation: kind.operation,
      starts: new Date(start),
      ends: new Date(end),
      has_price: price !== undefined,
      cents_per_job: price?.centsPerJob,
      cents_per_second: price?.centsPerSecond,
      cents_per_million_input_tokens: price?.centsPerMillionInputTokens,
      cents_per_million_output_tokens: price?.centsPerMillionOutputTokens,
    })),
  );
  return JSON.stringify(stretches);
}

function partsOf(
  client: PoolClient,
  { from, to, source, upTo }: KeptDays & { upTo: number | undefined },
  stretches: string,
): Part[] {
  const given = [stretches, from, to];
  const ask = async <T extends object>(statement: string) => (await client.query<T>(statement, given)).rows;
  const movesOf = async (statement: string, seriesIn: Pool): Promise<string> =>
    JSON.stringify(await moves(await ask<ChangedSeries>(statement), seriesIn));

  if (source === 'raw') {
    return [
      {
        fromSums: false,
        differences: () => ask<DifferenceRow>(ofRawJobs.difference),
        write: async (seriesIn) => {
          await client.query(UPDATE_RAW, [...given, await movesOf(ofRawJobs.series, seriesIn)]);
          await remakeFromRaw(client, { from, to, type: mlJob.type, upTo });
        },
      },
    ];
  }
  const rolledUp = ofRolledUpJobs(source);
  return [
    {
      fromSums: true,
      differences: async () => {
        await refuseCutBuckets(client, source, given);
        return ask<DifferenceRow>(rolledUp.difference);
      },
      write: async (seriesIn) => {
        const toSeries = await movesOf(rolledUp.series, seriesIn);
        await remake(client, {
          from,
          to,
          type: mlJob.type,
          base: source,
          writeBase: async (foldId) => {
            await client.query(rewriteRows(source), [...given, toSeries, foldId]);
          },
        });
      },
    },
    // Late events of days whose raw events were removed: those that wait are in no rollup, and have to be priced
    // before they are; the others are in the rollups, and are kept in step.
    {
      fromSums: false,
      differences: () => ask<DifferenceRow>(ofWaitingJobs.difference),
      write: async (seriesIn) => {
        await client.query(UPDATE_RAW, [...given, await movesOf(ofRawJobs.series, seriesIn)]);
      },
    },
  ];
}

/** Rollups of a bucket cannot be split: a price may change only between two of them. */
async function refuseCutBuckets(client: PoolClient, grain: Grain, given: unknown[]): Promise<void> {
  const { rows } = await client.query<{ provider: string; at: Date }>(cutBuckets(grain), given);
  const [cut] = rows;
  if (!cut) return;
  const width = grain.name.replace('_', ' ');
  const message = `the range, or a price of ${cut.provider}, begins or ends at ${cut.at.toISOString()}, in the middle of a ${width} of which only rollups are left; let it do so at the start of a ${width}`;
  throw new CodedError('invalid_request', message);
}

/** Where the changed jobs of each series go: to the series of the same dimensions with another source of costs. */
async function moves(changed: readonly ChangedSeries[], seriesIn: Pool) {
  const named = new Map<string, Row>();
  const names = changed.map(({ series_id: _, source, ...dimensions }) => {
    const present = Object.entries({ ...dimensions, cost_source: source }).filter(
      ([, value]) => value !== null,
    );
    const row: Row = { ...Object.fromEntries(present), type: mlJob.type };
    const name = seriesNameOf(row);
    named.set(name, row);
    return name;
  });
  const numbers = await enterSeries(seriesIn, named);
  return changed.map(({ org_id, series_id, source }, index) => ({
    org_id,
    series_id,
    source,
    to_series: numbers.get(names[index] ?? ''),
  }));
}
