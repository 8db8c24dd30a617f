import { eventTypes } from '../events/catalogue.ts';
import { DAY, HOUR, MINUTE } from '../time.ts';

/** A width of time buckets, and how long rollups of that width are kept. */
export interface Grain {
  name: 'minute' | 'quarter_hour' | 'hour' | 'day' | 'week';
  /** Milliseconds. */
  width: number;
  /** Milliseconds after which closed buckets are removed. */
  keep: number;
}

/** From fine to coarse. Each grain is made from the folds of the grain before it. */
export const grains: readonly Grain[] = [
  { name: 'minute', width: MINUTE, keep: 2 * DAY },
  { name: 'quarter_hour', width: 15 * MINUTE, keep: 90 * DAY },
  { name: 'hour', width: HOUR, keep: 90 * DAY },
  { name: 'day', width: DAY, keep: 430 * DAY },
  { name: 'week', width: 7 * DAY, keep: 1_100 * DAY },
];

export const finestGrain = grains[0] as Grain;
export const coarsestGrain = grains.at(-1) as Grain;

/** A Sunday, 00:00 UTC. Weeks start on Sundays, and the buckets of all grains are aligned with it. */
const ORIGIN = Date.UTC(1970, 0, 4);
const ORIGIN_SQL = `timestamptz '1970-01-04T00:00:00Z'`;

/** The start of the bucket that a moment (milliseconds) falls into. */
export function bucketStart(grain: Grain, millis: number): number {
  return ORIGIN + Math.floor((millis - ORIGIN) / grain.width) * grain.width;
}

/** The end of the last bucket that begins before a moment; the moment itself if it is a boundary. */
export function bucketEnd(grain: Grain, millis: number): number {
  return bucketStart(grain, millis + grain.width - 1);
}

/** The same as `bucketStart`, in SQL. */
export function bucketSql(grain: Grain, time: string): string {
  return `date_bin(interval '${grain.width / 1_000} seconds', ${time}, ${ORIGIN_SQL})`;
}

export function grainNamed(name: Grain['name']): Grain {
  return grains.find((grain) => grain.name === name) as Grain;
}

/** The grains finer than this one, from coarse to fine. */
export function finerThan(grain: Grain): Grain[] {
  return grains.slice(0, grains.indexOf(grain)).reverse();
}

/** The grains coarser than this one, from fine to coarse. */
export function coarserThan(grain: Grain): Grain[] {
  return grains.slice(grains.indexOf(grain) + 1);
}

/** The grain that is made from this one; none for the coarsest. */
export function coarserOf(grain: Grain): Grain | undefined {
  return grains[grains.indexOf(grain) + 1];
}

/** Milliseconds for which rollups of a type are kept at a grain; without a type, those of most types. */
export function keptFor(grain: Grain, type?: string): number {
  const fineKeep = type === undefined ? undefined : eventTypes.get(type)?.fineKeep;
  const isFine = grain.name === 'hour' || grain.name === 'quarter_hour';
  return isFine ? Math.max(grain.keep, fineKeep ?? 0) : grain.keep;
}
