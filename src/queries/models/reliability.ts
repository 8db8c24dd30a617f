import type { Queryable } from '../../database/pool.ts';
import { usage } from '../../events/types/usage.ts';
import type { Freshness } from '../reading/freshness.ts';
import { inMilliseconds } from '../reading/in-milliseconds.ts';
import { Sketch, sketchColumns, sketchesSql } from '../reading/sketch.ts';
import { type Point, seriesOver } from './grouped-series.ts';
import {
  type ComparedTotals,
  querySeries,
  type SeriesMetadata,
  type SeriesQuery,
  seriesMetadataOf,
} from './series-query.ts';

/** A percentile by its name, such as `p95` or `p99.9`. */
export type PercentileName = `p${number}`;

export interface ReliabilityQuery extends SeriesQuery {
  percentiles: readonly PercentileName[];
  /** What makes a group large; by default its calls. */
  topBy?: keyof typeof sizes | undefined;
}

export interface ReliabilityNumbers {
  invocations: number;
  /** Failed invocations as a share of all, 0 to 1; 0 when there were none. */
  errorRate: number;
  /** Failed invocations by status. */
  errors: Record<string, number>;
  /** Milliseconds, each within 1 % of the exact percentile; null without invocations. */
  latencyMs: Record<PercentileName, number | null>;
}

interface ReliabilityRow {
  status: string;
  count: number;
  value_min: number | null;
  value_max: number | null;
  sketches: string | null;
}

export interface ReliabilityAnswer extends SeriesMetadata {
  series: Point<ReliabilityNumbers>[];
  totals: ComparedTotals<ReliabilityNumbers>;
  /** The groups in the points with `rest`. */
  restGroups: number;
  freshness: Freshness;
}

const sizes = {
  invocations: ({ count }: ReliabilityRow) => count,
  errors: ({ status, count }: ReliabilityRow) => (usage.failures.includes(status) ? count : 0),
};
/** What the groups of an answer may be compared by. */
export const reliabilitySizes = Object.keys(sizes) as (keyof typeof sizes)[];

/** Error rates and latency percentiles, bucket by bucket. */
export async function answerReliability(
  database: Queryable,
  asked: ReliabilityQuery,
): Promise<ReliabilityAnswer> {
  const { percentiles } = asked;
  const found = await querySeries<ReliabilityRow>(database, asked, {
    groupBy: ['status'],
    columns: ['count', ...sketchColumns],
    select: `sum(r.count)::float8 as count, min(r.value_min) as value_min, max(r.value_max) as value_max,
      ${sketchesSql} as sketches`,
  });
  const { query, plan, rows, rowsBefore, earlier, freshness } = found;
  // Merging sketches is most of the work, so the totals are merged from the sketches of the points.
  const total = new ReliabilityTally();
  const point = new ReliabilityTally();
  const pointOf = (some: readonly ReliabilityRow[]) => {
    point.clear();
    for (const row of some) point.add(row);
    return point.numbers(percentiles);
  };
  const { points, restGroups } = seriesOver(
    { ...query, plan, earlier, top: query.top, sizeOf: sizes[asked.topBy ?? 'invocations'] },
    rows,
    (some) => {
      const numbers = pointOf(some);
      total.addTally(point);
      return numbers;
    },
    pointOf,
  );
  return {
    ...seriesMetadataOf(found),
    series: points,
    restGroups,
    totals: {
      ...total.numbers(percentiles),
      // Added up from the rows: a bucket of the earlier range may be the counterpart of none.
      ...(query.compare && { previous: rowsBefore ? pointOf(rowsBefore) : null }),
    },
    freshness,
  };
}

/** Sums of rollup rows. */
class ReliabilityTally {
  readonly #sketch = new Sketch();
  readonly #failed = new Map<string, number>();
  #invocations = 0;

  clear(): void {
    this.#sketch.clear();
    this.#failed.clear();
    this.#invocations = 0;
  }

  add(row: ReliabilityRow): void {
    this.#invocations += row.count;
    if (usage.failures.includes(row.status)) this.#addFailed(row.status, row.count);
    this.#sketch.add(row.sketches, row.value_min, row.value_max);
  }

  addTally(other: ReliabilityTally): void {
    if (other.#invocations === 0) return;
    this.#invocations += other.#invocations;
    for (const [status, count] of other.#failed) this.#addFailed(status, count);
    this.#sketch.addSketch(other.#sketch);
  }

  numbers(percentiles: readonly PercentileName[]): ReliabilityNumbers {
    const errors = Object.fromEntries(
      usage.failures.map((status) => [status, this.#failed.get(status) ?? 0]),
    );
    const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
    return {
      invocations: this.#invocations,
      errorRate: this.#invocations === 0 ? 0 : failed / this.#invocations,
      errors,
      latencyMs: Object.fromEntries(percentiles.map((name) => [name, this.#latency(name)])),
    };
  }

  #addFailed(status: string, count: number): void {
    this.#failed.set(status, (this.#failed.get(status) ?? 0) + count);
  }

  #latency(name: PercentileName): number | null {
    const micros = this.#sketch.quantile(Number(name.slice(1)) / 100);
    return micros === null ? null : inMilliseconds(micros);
  }
}
