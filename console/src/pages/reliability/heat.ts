import type { Reliability, ReliabilityPoint } from '../../calls/reliability.ts';
import type { Granularity } from '../../range/range.ts';
import type { HeatMeasure } from './search.ts';

const HOUR = 3_600_000;
/** Beyond, a table by hour would have more than 200 columns. */
const MOST_HOURS = 200;
const FEWEST_HOURS = 4;

/** A model with its points, one for each bucket of the table. */
export interface HeatRow {
  model: string;
  points: readonly (ReliabilityPoint | undefined)[];
}

export interface HeatBucket {
  start: number;
  end: number;
}

/** The buckets of the table: hours, quarters of an hour for a short range, and days for a long one. */
export function heatGranularity(length: number): Granularity {
  if (length < FEWEST_HOURS * HOUR) return 'quarter_hour';
  return length <= MOST_HOURS * HOUR ? 'hour' : 'day';
}

/** The models with their points, the most calls first. */
export function heatOf({ series, end }: Reliability): { buckets: HeatBucket[]; rows: HeatRow[] } {
  const named = series.filter(({ rest, modelId }) => rest !== true && modelId != null);
  const starts = [...new Set(named.map(({ bucketStart }) => Date.parse(bucketStart)))].sort((a, b) => a - b);
  const buckets = starts.map((start, index) => ({ start, end: starts[index + 1] ?? Date.parse(end) }));
  const rows = [...Map.groupBy(named, ({ modelId }) => modelId ?? '')]
    .map(([model, own]) => {
      const byStart = new Map(own.map((point) => [Date.parse(point.bucketStart), point]));
      return { model, points: starts.map((start) => byStart.get(start)), calls: callsOf(own) };
    })
    .sort((one, other) => other.calls - one.calls);
  return { buckets, rows };
}

function callsOf(points: readonly ReliabilityPoint[]): number {
  return points.reduce((total, { invocations }) => total + invocations, 0);
}

/** What a cell shows; `null` without calls. */
export function heatValue(measure: HeatMeasure, point: ReliabilityPoint | undefined): number | null {
  if (point === undefined || point.invocations === 0) return null;
  switch (measure) {
    case 'errorRate':
      return point.errorRate;
    case 'p95':
      return point.latencyMs.p95 ?? null;
    case 'calls':
      return point.invocations;
  }
}

/** How strong the colour of a cell is, from 0 to 1. A third of all calls failing is as bad as it gets. */
export function heatOfValue(measure: HeatMeasure, value: number | null, most: number): number {
  if (value === null || value <= 0) return 0;
  const top = measure === 'errorRate' ? Math.min(Math.max(most, 0.05), 1 / 3) : most;
  return Math.min(value / top, 1);
}
