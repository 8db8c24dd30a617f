import { NANODOLLARS_PER_CENT } from '../../events/field.ts';
import { type CostSource, costSources } from '../../events/pricing.ts';
import { successCountsOf } from '../../events/success-counts.ts';
import { mlJob } from '../../events/types/ml-job.ts';
import { type Compared, compared } from '../reading/comparison.ts';
import { inMilliseconds } from '../reading/in-milliseconds.ts';
import { Sketch } from '../reading/sketch.ts';

/** A row of the rollups of ML jobs. */
export interface MlRow {
  status: string;
  error_code: string | null;
  /** Null if a release without prices stored the jobs. */
  cost_source: CostSource | null;
  count: number;
  /** Jobs whose rollups have no cost; null for none. */
  without_cost: number | null;
  /** Microseconds. */
  value_sum: number;
  value_min: number | null;
  value_max: number | null;
  sketches: string | null;
  /** Nano-dollars; null if no job of the row has a cost. */
  cost: number | null;
}

/** The figures of some jobs. */
export interface MlFigures {
  jobs: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  /** Share of the jobs that succeeded, 0 to 1, without cancelled ones; null if there were none. */
  successRate: number | null;
  /** Milliseconds; percentiles within 1 %; null without jobs. */
  durationAvgMs: number | null;
  durationP50Ms: number | null;
  durationP95Ms: number | null;
  durationP99Ms: number | null;
  /** Cents, of the jobs whose cost is known; null if there are jobs but no known cost. */
  costCents: number | null;
  /** Cents for each successful job, the cost of failures included; of jobs whose cost is known. */
  costPerSuccessCents: number | null;
  /** Jobs whose cost is unknown. */
  unpricedJobs: number;
}

/** Each figure with that of the range compared with. */
export type ComparedMlFigures = Record<keyof MlFigures, Compared>;

/** A failure, with the number of its jobs. */
export interface MlError {
  /** The provider's error code; null if it gave none. */
  code: string | null;
  status: string;
  jobs: number;
}

/** Jobs and their costs in cents (null if unknown), by the source of the cost. */
export type CostsBySource = Record<CostSource, { jobs: number; costCents: number | null }>;

const SUCCESS = 'success';

function emptyBySource() {
  return Object.fromEntries(
    costSources.map((source) => [source, { jobs: 0, succeeded: 0, cost: 0 }]),
  ) as Record<CostSource, { jobs: number; succeeded: number; cost: number }>;
}

/** Sums of rollup rows. */
export class MlTally {
  readonly #sketch = new Sketch();
  #byStatus = new Map<string, number>();
  #bySource = emptyBySource();
  #errors = new Map<string, MlError>();
  #jobs = 0;
  #duration = 0;

  clear(): void {
    this.#sketch.clear();
    this.#byStatus.clear();
    this.#bySource = emptyBySource();
    this.#errors.clear();
    this.#jobs = 0;
    this.#duration = 0;
  }

  add(row: MlRow): void {
    this.#jobs += row.count;
    this.#duration += row.value_sum;
    this.#byStatus.set(row.status, (this.#byStatus.get(row.status) ?? 0) + row.count);
    const unpriced = row.without_cost ?? 0;
    if (row.cost_source !== null) this.#addSource(row.cost_source, row, row.count);
    else {
      this.#addSource('none', row, unpriced);
      this.#addSource('given', row, row.count - unpriced);
    }
    this.#bySource[row.cost_source ?? 'given'].cost += row.cost ?? 0;
    if (mlJob.failures.includes(row.status))
      this.#addError({ code: row.error_code, status: row.status, jobs: row.count });
    this.#sketch.add(row.sketches, row.value_min, row.value_max);
  }

  addTally(other: MlTally): void {
    if (other.#jobs === 0) return;
    this.#jobs += other.#jobs;
    this.#duration += other.#duration;
    for (const [status, jobs] of other.#byStatus)
      this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + jobs);
    for (const source of costSources) {
      const [ours, theirs] = [this.#bySource[source], other.#bySource[source]];
      ours.jobs += theirs.jobs;
      ours.succeeded += theirs.succeeded;
      ours.cost += theirs.cost;
    }
    for (const error of other.#errors.values()) this.#addError(error);
    this.#sketch.addSketch(other.#sketch);
  }

  figures(): MlFigures {
    const { given, table, none } = this.#bySource;
    const { succeeded, failed, undecided } = successCountsOf(mlJob, this.#byStatus);
    const cost = given.cost + table.cost;
    return {
      jobs: this.#jobs,
      succeeded,
      failed,
      cancelled: undecided,
      successRate: ratio(succeeded, succeeded + failed),
      durationAvgMs: this.#jobs === 0 ? null : inMilliseconds(this.#duration / this.#jobs),
      durationP50Ms: this.#percentile(0.5),
      durationP95Ms: this.#percentile(0.95),
      durationP99Ms: this.#percentile(0.99),
      costCents: none.jobs > 0 && none.jobs === this.#jobs ? null : cost / NANODOLLARS_PER_CENT,
      costPerSuccessCents: perSuccess(cost, given.succeeded + table.succeeded),
      unpricedJobs: none.jobs,
    };
  }

  costsBySource(): CostsBySource {
    const of = (source: CostSource) => {
      const { jobs, cost } = this.#bySource[source];
      return { jobs, costCents: source === 'none' && jobs > 0 ? null : cost / NANODOLLARS_PER_CENT };
    };
    return { given: of('given'), table: of('table'), none: of('none') };
  }

  /** The most frequent first; ties by code and status. */
  errors(): MlError[] {
    const nameOf = ({ code, status }: MlError) => `${code ?? ''}\0${status}`;
    return [...this.#errors.values()].sort((a, b) => b.jobs - a.jobs || (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  #addSource(name: CostSource, { status }: MlRow, jobs: number): void {
    const source = this.#bySource[name];
    source.jobs += jobs;
    if (status === SUCCESS) source.succeeded += jobs;
  }

  #addError({ code, status, jobs }: MlError): void {
    const key = `${status}\0${code ?? ''}`;
    const known = this.#errors.get(key);
    if (known) known.jobs += jobs;
    else this.#errors.set(key, { code, status, jobs });
  }

  #percentile(q: number): number | null {
    const micros = this.#sketch.quantile(q);
    return micros === null ? null : inMilliseconds(micros);
  }
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Cents to the nano-dollar, like costs. */
function perSuccess(cost: number, succeeded: number): number | null {
  return succeeded === 0 ? null : Math.round(cost / succeeded) / NANODOLLARS_PER_CENT;
}

/** Each figure with that of the range compared with; `before` is `undefined` without a comparison. */
export function compareFigures(now: MlFigures, before: MlFigures | undefined): ComparedMlFigures {
  return Object.fromEntries(
    (Object.keys(now) as (keyof MlFigures)[]).map((name) => [
      name,
      compared(now[name], before?.[name] ?? null),
    ]),
  ) as ComparedMlFigures;
}
