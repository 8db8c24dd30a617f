import { grains } from '../rollups/grains.ts';
import { DAY } from '../time.ts';

/** A load, and how long its data is kept. */
export interface Load {
  eventsPerDay: number;
  /** Different combinations of org, type and dimensions that send events on a day. */
  series: number;
  /** Days that raw events are kept, and event ids. */
  rawDays: number;
  dedupDays: number;
  /** Days since the first event; unless given, as long as anything is kept. */
  age?: number;
}

export interface SizeEstimate {
  /** Bytes, with indexes. */
  events: number;
  ids: number;
  series: number;
  rollups: number;
  total: number;
  /** Cores that are busy on average, and at a peak of `PEAK` times the average. */
  cores: number;
  peakCores: number;
}

/** Bytes of a row with its part of the indexes, measured on PostgreSQL 15 (docs/scaling.md). */
const EVENT = 225;
const ID = 125;
const SERIES = 350;
const ROLLUP = 255;
/** A sketch has six bytes for each different bin. Few series use more bins than this in a bucket. */
const BIN = 6;
const MOST_BINS = 60;
/** Rollups of all orgs together come on top of those of each org. */
const ALL_ORGS_SHARE = 1.1;
/** Seconds of CPU for an event, on the service and PostgreSQL together. */
const CPU_PER_EVENT = 33e-6;
export const PEAK = 4;

/** Estimates the disk and the CPU of a load. Write-ahead log, bloat and backups come on top. */
export function estimateSize({
  eventsPerDay,
  series,
  rawDays,
  dedupDays,
  age = Infinity,
}: Load): SizeEstimate {
  const kept = (days: number) => Math.min(days, age);
  const events = eventsPerDay * kept(rawDays) * EVENT;
  // An id is remembered for one to two windows.
  const ids = eventsPerDay * kept(2 * dedupDays) * ID;
  const ofSeries = series * SERIES;
  const perSeries = series === 0 ? 0 : eventsPerDay / series;
  const rollups = grains.reduce((sum, { width, keep }) => {
    const buckets = Math.ceil(kept(keep / DAY) / (width / DAY));
    const eventsInBucket = perSeries * Math.min(width / DAY, age);
    // Events come at random, so a bucket of a series has at least one with this probability.
    const filled = 1 - Math.exp(-eventsInBucket);
    const bins = filled === 0 ? 0 : Math.min(eventsInBucket / filled, MOST_BINS);
    return sum + series * buckets * filled * (ROLLUP + BIN * bins) * ALL_ORGS_SHARE;
  }, 0);
  const cores = (eventsPerDay * CPU_PER_EVENT) / 86_400;
  return {
    events,
    ids,
    series: ofSeries,
    rollups,
    total: events + ids + ofSeries + rollups,
    cores,
    peakCores: cores * PEAK,
  };
}
