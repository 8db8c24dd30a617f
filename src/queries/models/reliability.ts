import type { Pool } from 'pg';
import { usage } from '../../events/types/usage.ts';
import type { Freshness } from '../reading/freshness.ts';
import { inMilliseconds } from '../reading/in-milliseconds.ts';
import { inKeptZone } from '../reading/kept-zone.ts';
import { queryRollups } from '../reading/query-rollups.ts';
import { planRead } from '../reading/read-plan.ts';
import { refuseManyGroups } from '../reading/refuse-many-groups.ts';
import { Sketch, sketchColumns, sketchesSql } from '../reading/sketch.ts';
import { groupColumns, type Point, seriesOver } from './grouped-series.ts';
import { type SeriesMetadata, type SeriesQuery, seriesFiltersOf, seriesMetadataOf } from './series-query.ts';

/** A percentile by its name, such as `p95` or `p99.9`. */
export type PercentileName = `p${number}`;

export interface ReliabilityQuery extends SeriesQuery {
  percentiles: readonly PercentileName[];
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
  totals: ReliabilityNumbers;
  /** The groups in the points with `rest`. */
  restGroups: number;
  freshness: Freshness;
}

/** Error rates and latency percentiles, bucket by bucket. */
export async function answerReliability(pool: Pool, asked: ReliabilityQuery): Promise<ReliabilityAnswer> {
  const query = inKeptZone(asked, [asked.granularity]);
  const { orgId, groupBy, percentiles } = query;
  const plan = planRead(query, query.granularity);
  const wanted = {
    ...{ orgId, type: 'usage', plan },
    filters: seriesFiltersOf(query),
    groupBy: groupColumns(groupBy),
  };
  await refuseManyGroups(pool, wanted, query.range);
  const { rows, freshness } = await queryRollups<ReliabilityRow>(pool, {
    ...wanted,
    groupBy: ['status', ...wanted.groupBy],
    columns: ['count', ...sketchColumns],
    select: `sum(r.count)::float8 as count, min(r.value_min) as value_min, max(r.value_max) as value_max,
      ${sketchesSql} as sketches`,
  });
  // Merging sketches is most of the work, so the totals are merged from the sketches of the points.
  const total = new ReliabilityTally();
  const point = new ReliabilityTally();
  const shape = { plan, range: query.range, groupBy, top: query.top, now: query.now };
  const { points, restGroups } = seriesOver(
    { ...shape, eventsOf: ({ count }: ReliabilityRow) => count },
    rows,
    (some) => {
      point.clear();
      for (const row of some) point.add(row);
      total.addTally(point);
      return point.numbers(percentiles);
    },
  );
  return {
    ...seriesMetadataOf(query, plan),
    series: points,
    restGroups,
    totals: total.numbers(percentiles),
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
