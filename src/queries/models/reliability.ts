import type { Pool } from 'pg';
import { usage } from '../../events/types/usage.ts';
import type { Freshness } from '../reading/freshness.ts';
import { inMilliseconds } from '../reading/in-milliseconds.ts';
import { planRead } from '../reading/read-plan.ts';
import { askRollups } from '../reading/rollup-question.ts';
import { Sketch, sketchColumns, sketchesSql } from '../reading/sketch.ts';
import { groupColumns, seriesOver } from './grouped-series.ts';
import { filtersOf, frameOf, type SeriesFrame, type SeriesQuestion } from './series-question.ts';

/** A percentile by its name, such as `p95` or `p99.9`. */
export type PercentileName = `p${number}`;

export interface ReliabilityQuestion extends SeriesQuestion {
  percentiles: readonly PercentileName[];
}

export interface ReliabilityNumbers {
  invocations: number;
  /** Failed invocations as a share of all, 0 to 1; 0 when there were none. */
  errorRate: number;
  /** Invocations that failed, by status. */
  errors: Record<string, number>;
  /** Milliseconds, each within 1 % of the exact percentile; null when there were no invocations. */
  latencyMs: Record<PercentileName, number | null>;
}

interface ReliabilityRow {
  status: string;
  count: number;
  value_min: number | null;
  value_max: number | null;
  sketches: string | null;
}

export interface ReliabilityAnswer extends SeriesFrame {
  series: (ReliabilityNumbers & { bucketStart: string; modelId?: string | null; clientId?: string | null })[];
  totals: ReliabilityNumbers;
  freshness: Freshness;
}

/** How often calls failed and how long they took, bucket by bucket; percentiles over any range and any models. */
export async function answerReliability(
  pool: Pool,
  question: ReliabilityQuestion,
): Promise<ReliabilityAnswer> {
  const { orgId, groupBy, percentiles } = question;
  const plan = planRead(question.range, question.granularity, question.timezone, question.now);
  const { rows, freshness } = await askRollups<ReliabilityRow>(pool, {
    orgId,
    type: 'usage',
    plan,
    filters: filtersOf(question),
    groupBy: ['status', ...groupColumns(groupBy)],
    columns: ['count', ...sketchColumns],
    select: `sum(r.count)::float8 as count, min(r.value_min) as value_min, max(r.value_max) as value_max,
      ${sketchesSql} as sketches`,
  });
  // Adding the sketches up is most of the work: the totals are put together from those of the points.
  const total = new Tally();
  const point = new Tally();
  const series = seriesOver(plan, question.range, groupBy, rows, (some) => {
    point.clear();
    for (const row of some) point.add(row);
    total.addTally(point);
    return point.numbers(percentiles);
  });
  return {
    ...frameOf(question, plan),
    series,
    totals: total.numbers(percentiles),
    freshness,
  };
}

/** What rows of rollups add up to. */
class Tally {
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

  addTally(other: Tally): void {
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
