import { NANODOLLARS_PER_CENT } from '../../events/field.ts';
import { usage } from '../../events/types/usage.ts';
import { inMilliseconds } from '../reading/in-milliseconds.ts';
import { Sketch } from '../reading/sketch.ts';

/** A row of the rollups of model calls, by status. */
export interface CallRow {
  status: string;
  count: number;
  input_tokens: number;
  output_tokens: number;
  /** Nano-dollars, as text, because it may be larger than a number can be exactly. */
  cost: string;
  unpriced: number;
  value_min: number | null;
  value_max: number | null;
  sketches: string | null;
}

/** The figures of some calls. */
export interface CallFigures {
  invocations: number;
  inputTokens: number;
  outputTokens: number;
  /** Cents of the calls whose cost is known. */
  costCents: number;
  unpricedInvocations: number;
  /** Failed calls as a share of all, 0 to 1; null without calls. */
  errorRate: number | null;
  /** Milliseconds, within 1 %; null without calls that tell it. */
  latencyP95Ms: number | null;
}

/** Sums of rollup rows. A tally can be cleared and used again, because a sketch is large. */
export class CallTally {
  readonly #sketch = new Sketch();
  #failed = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #unpriced = 0;
  #invocations = 0;
  /** Nano-dollars. */
  cost = 0n;

  clear(): void {
    this.#sketch.clear();
    this.#failed = 0;
    this.#inputTokens = 0;
    this.#outputTokens = 0;
    this.#unpriced = 0;
    this.#invocations = 0;
    this.cost = 0n;
  }

  add(row: CallRow): void {
    this.#invocations += row.count;
    if (usage.failures.includes(row.status)) this.#failed += row.count;
    this.#inputTokens += row.input_tokens;
    this.#outputTokens += row.output_tokens;
    this.#unpriced += row.unpriced;
    this.cost += BigInt(row.cost);
    this.#sketch.add(row.sketches, row.value_min, row.value_max);
  }

  addTally(other: CallTally): void {
    this.#invocations += other.#invocations;
    this.#failed += other.#failed;
    this.#inputTokens += other.#inputTokens;
    this.#outputTokens += other.#outputTokens;
    this.#unpriced += other.#unpriced;
    this.cost += other.cost;
    this.#sketch.addSketch(other.#sketch);
  }

  figures(): CallFigures {
    const p95 = this.#sketch.quantile(0.95);
    return {
      invocations: this.#invocations,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      costCents: Number(this.cost) / NANODOLLARS_PER_CENT,
      unpricedInvocations: this.#unpriced,
      errorRate: this.#invocations === 0 ? null : this.#failed / this.#invocations,
      latencyP95Ms: p95 === null ? null : inMilliseconds(p95),
    };
  }
}
