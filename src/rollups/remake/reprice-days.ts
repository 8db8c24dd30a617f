import type { Pool, PoolClient } from 'pg';
import { CodedError } from '../../errors.ts';
import type { DimensionColumn } from '../../events/columns.ts';
import type { Row } from '../../events/event-type.ts';
import { labelsText } from '../../events/labels.ts';
import type { CostSource } from '../../events/pricing.ts';
import {
  enterSeries,
  type SeriesDimensions,
  seriesDimensionsOf,
  seriesNameOf,
} from '../../series/enter-series.ts';
import { rebookCosts } from '../books/reprice-books.ts';
import type { Grain } from '../grains.ts';
import { isOfKeptDay } from '../org-removals.ts';
import type { KeptDays } from './kept-numbers.ts';
import type { DifferenceRow } from './price-difference.ts';
import { remakeFromRaw } from './rebuild.ts';
import { remake } from './remake.ts';
import {
  cutBuckets,
  questionsOfRawEvents,
  questionsOfRollups,
  questionsOfWaitingEvents,
  rewriteRollups,
  updateRawEvents,
} from './reprice-sql.ts';
import type { Repricing } from './repricing.ts';

/** The events of one type and some days, to be repriced. */
export interface RepricePart {
  /** Whether their costs are computed from the sums of rollups. */
  fromSums: boolean;
  differences(): Promise<DifferenceRow[]>;
  /** Gives the events their new costs. New series are entered on a connection of `seriesIn`, so nobody waits for them. */
  write(seriesIn: Pool): Promise<void>;
}

/** A series whose events change, with its other dimensions, and the source of the new costs. */
type ChangedSeries = {
  org_id: string;
  series_id: number;
  source: CostSource;
  labels: Record<string, string> | null;
} & Partial<Record<DimensionColumn, string | number | null>>;

/** The series that the changed events of another series move to. */
interface SeriesMove {
  org_id: string;
  series_id: number;
  source: CostSource;
  to_series: number | undefined;
}

/**
 * The parts of some days: those of raw events, or those of rollups and late events where raw events are gone.
 * @param days `upTo` is as `batchesStoredUpTo` returns it
 * @param prices the prices through the range, as JSON (`stretch` in reprice-sql.ts)
 */
export function repricePartsOf(
  client: PoolClient,
  repricing: Repricing,
  { from, to, source, upTo }: KeptDays & { upTo: number | undefined },
  prices: string,
): RepricePart[] {
  const { type } = repricing.definition;
  const given = [prices, from, to];
  const ask = async <T extends object>(statement: string) => (await client.query<T>(statement, given)).rows;
  const movesOf = async (statement: string, seriesIn: Pool): Promise<string> =>
    JSON.stringify(await moveSeries(type, await ask<ChangedSeries>(statement), seriesIn));
  // While other orgs have raw events, an org without them keeps its costs, and so do late events of it.
  const repriced = source === 'raw' ? isOfKeptDay('e') : 'true';
  const updateRaw = async (seriesIn: Pool): Promise<void> => {
    const moves = await movesOf(questionsOfRawEvents(repricing, repriced).series, seriesIn);
    await client.query(updateRawEvents(repricing, repriced), [...given, moves]);
  };

  if (source === 'raw') {
    return [
      {
        fromSums: false,
        differences: () => ask<DifferenceRow>(questionsOfRawEvents(repricing, repriced).difference),
        write: async (seriesIn) => {
          await updateRaw(seriesIn);
          await remakeFromRaw(client, { from, to, type, upTo });
          await rebookCosts(client, { type, from, to });
        },
      },
    ];
  }
  const ofRollups = questionsOfRollups(repricing, source);
  return [
    {
      fromSums: true,
      differences: async () => {
        await refuseCutBuckets(client, cutBuckets(repricing, source), source, given);
        return ask<DifferenceRow>(ofRollups.difference);
      },
      write: async (seriesIn) => {
        const moves = await movesOf(ofRollups.series, seriesIn);
        await remake(client, {
          from,
          to,
          type,
          base: source,
          writeBase: async (foldId) => {
            await client.query(rewriteRollups(repricing, source), [...given, moves, foldId]);
          },
        });
      },
    },
    // Late events of days whose raw events were removed. Those that wait are in no rollup yet and need their price
    // before they are rolled up. The others are in the rollups, and are updated with them.
    {
      fromSums: false,
      differences: () => ask<DifferenceRow>(questionsOfWaitingEvents(repricing).difference),
      write: updateRaw,
    },
  ];
}

/** Rollups of a bucket cannot be split, so a price may change only between two buckets. */
async function refuseCutBuckets(
  client: PoolClient,
  statement: string,
  grain: Grain,
  given: readonly unknown[],
): Promise<void> {
  const { rows } = await client.query<{ scope: string; at: Date }>(statement, [...given]);
  const [cut] = rows;
  if (!cut) return;
  const width = grain.name.replace('_', ' ');
  const message = `the range, or a price of ${cut.scope}, begins or ends at ${cut.at.toISOString()}. Only rollups of that whole ${width} are left. Choose the start of a ${width}`;
  throw new CodedError('invalid_request', message);
}

/** Finds the series of the same dimensions with the new cost source, for each series whose events change. */
async function moveSeries(
  type: string,
  changed: readonly ChangedSeries[],
  seriesIn: Pool,
): Promise<SeriesMove[]> {
  const named = new Map<string, SeriesDimensions>();
  const names = changed.map(({ series_id: _, source, labels, ...dimensions }) => {
    const present = Object.entries({ ...dimensions, cost_source: source }).filter(
      ([, value]) => value !== null,
    );
    const row: Row = { ...Object.fromEntries(present), type };
    const text = labels === null ? undefined : labelsText(labels);
    const name = seriesNameOf(row, text);
    named.set(name, seriesDimensionsOf(row, text));
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
