import type { PoolClient } from 'pg';
import { CodedError } from '../../errors.ts';
import { DAY } from '../../time.ts';
import { bucketStart, type Grain, grainNamed, grains } from '../grains.ts';

/** Whole UTC days whose numbers are still stored in the same detail: as raw events, or as rollups of one grain. */
export interface KeptDays {
  from: Date;
  to: Date;
  source: Grain | 'raw';
}

const day = grainNamed('day');
const week = grainNamed('week');
const grainsToDay = grains.slice(0, grains.indexOf(day) + 1);

/**
 * The detail in which the numbers of whole days are still stored; neighbouring days of equal detail are joined. A removal
 * is recorded before it happens, so lock `analytics.removals` while you rely on the result.
 * @throws {CodedError} `range_not_kept` when the rollups of a day are removed, or of another day in the same week
 */
export async function keptNumbers(client: PoolClient, from: Date, to: Date): Promise<KeptDays[]> {
  const { rows } = await client.query<{ what: string; removed_before: Date }>(
    'select what, removed_before from analytics.removals',
  );
  const removedBefore = new Map(rows.map(({ what, removed_before }) => [what, removed_before.getTime()]));
  const isThere = (what: string, at: number) => at >= (removedBefore.get(what) ?? Number.NEGATIVE_INFINITY);
  const daysGone = removedBefore.get(day.name);
  if (daysGone !== undefined && !isThere(day.name, bucketStart(week, from.getTime()))) {
    const since = new Date(bucketStart(week, daysGone + week.width - 1)).toISOString();
    throw new CodedError(
      'range_not_kept',
      `whole weeks of daily rollups are kept only since ${since}; begin there or later`,
    );
  }
  const kept: KeptDays[] = [];
  for (let at = from.getTime(); at < to.getTime(); at += DAY) {
    const source = isThere('events', at) ? 'raw' : (grainsToDay.find(({ name }) => isThere(name, at)) ?? day);
    const last = kept.at(-1);
    const end = new Date(at + DAY);
    if (last?.source === source) last.to = end;
    else kept.push({ from: new Date(at), to: end, source });
  }
  return kept;
}
