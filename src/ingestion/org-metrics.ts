import { Counter, Gauge, Registry } from 'prom-client';
import { NANODOLLARS_PER_DOLLAR } from '../events/field.ts';
import { usage } from '../events/types/usage.ts';
import { type Clock, MINUTE } from '../time.ts';
import { LatencyWindow } from './latency-window.ts';
import type { EncodedSubmission } from './store-batch.ts';

/** Pairs of org and model that have series of their own. */
export const MOST_PAIRS = 200;
/** Pairs whose activity is known beside them, for each place. */
const CANDIDATES_A_PLACE = 10;
const REVIEW_EVERY = 5 * MINUTE;
/** A pair that is shown makes room only for one that is so many times as busy, so that places do not change hands often. */
const LEAD = 2;
/** The org and model of whatever has no series of its own. */
const OTHER = 'other';
const SHARES = [0.5, 0.95, 0.99];

/** What is counted of a model of an org. */
class PairCounts {
  readonly org: string;
  readonly model: string;
  readonly failures = new Map<string, number>();
  readonly latency = new LatencyWindow();
  requests = 0;
  cost = 0;

  constructor(org: string, model: string) {
    this.org = org;
    this.model = model;
  }
}

/**
 * Counts the usage that this process has stored, by org and model: of the busiest pairs, and of the rest together. A pair
 * that takes a place begins at zero, and what it was counted as before stays, so no counter ever falls but to zero.
 */
export class OrgMetrics {
  readonly #clock: Clock;
  readonly #places: number;
  readonly #shown = new Map<string, PairCounts>();
  readonly #other = new PairCounts(OTHER, OTHER);
  /** Recent requests of pairs, shown or not. */
  #activity = new Map<string, number>();
  #reviewAt: number;

  constructor({ clock, places = MOST_PAIRS }: { clock: Clock; places?: number }) {
    this.#clock = clock;
    this.#places = places;
    this.#reviewAt = clock.now() + REVIEW_EVERY;
  }

  /** Notes a batch that is committed. */
  note(submissions: readonly EncodedSubmission[]): void {
    const now = this.#clock.now();
    if (now >= this.#reviewAt) this.#review(now);
    for (const { encoded } of submissions) {
      for (const event of encoded.events) {
        if (event.type !== usage.type || event.result !== 'stored') continue;
        const dimensions = encoded.series.get(event.rows[0]?.series ?? '');
        const counts = this.#countsOf(event.orgId, String(dimensions?.model_id));
        const status = String(dimensions?.status);
        counts.requests++;
        counts.cost += event.cost;
        counts.latency.add(event.valueBin, now);
        if (usage.failures.includes(status))
          counts.failures.set(status, (counts.failures.get(status) ?? 0) + 1);
      }
    }
  }

  #countsOf(org: string, model: string): PairCounts {
    const key = `${org}\0${model}`;
    this.#activity.set(key, (this.#activity.get(key) ?? 0) + 1);
    const shown = this.#shown.get(key);
    if (shown) return shown;
    if (this.#activity.size > this.#places * CANDIDATES_A_PLACE) this.#forgetQuietest();
    if (this.#shown.size >= this.#places) return this.#other;
    const counts = new PairCounts(org, model);
    this.#shown.set(key, counts);
    return counts;
  }

  /** Whoever makes up names must not fill memory. */
  #forgetQuietest(): void {
    const busiest = [...this.#activity].sort(([, a], [, b]) => b - a);
    this.#activity = new Map(busiest.slice(0, busiest.length / 2));
  }

  /** Gives the places to the pairs that were the busiest lately. */
  #review(now: number): void {
    this.#reviewAt = now + REVIEW_EVERY;
    const weight = ([key, activity]: [string, number]) => (this.#shown.has(key) ? LEAD : 1) * activity;
    const ranked = [...this.#activity].sort((a, b) => weight(b) - weight(a));
    const best = new Set(ranked.slice(0, this.#places).map(([key]) => key));
    for (const key of this.#shown.keys()) if (!best.has(key)) this.#shown.delete(key);
    // Halved, so that the past counts less and less; a pair that is silent is forgotten.
    this.#activity = new Map(
      ranked
        .map(([key, activity]): [string, number] => [key, activity / 2])
        .filter(([, half]) => half >= 0.5),
    );
  }

  /**
   * The page, in the text format of Prometheus.
   * @param lags how far the numbers of orgs are behind, in seconds; `undefined` if that is not known now
   */
  async page(lags: ReadonlyMap<string, number> | undefined): Promise<{ text: string; contentType: string }> {
    const registry = new Registry();
    const { requests, failures, cost, latency, freshness } = createOrgMetrics(registry);
    const now = this.#clock.now();
    for (const counts of [...this.#shown.values(), this.#other]) {
      const { org, model } = counts;
      requests.inc({ org, model }, counts.requests);
      cost.inc({ org, model }, counts.cost / NANODOLLARS_PER_DOLLAR);
      // From zero on, or the first failure would be no increase.
      for (const status of usage.failures)
        failures.inc({ org, model, status }, counts.failures.get(status) ?? 0);
      const quantiles = counts.latency.quantiles(SHARES, now);
      for (const [index, micros] of quantiles?.entries() ?? [])
        latency.set({ org, model, quantile: String(SHARES[index]) }, micros / 1e6);
    }
    if (lags) this.#setFreshness(freshness, lags);
    return { text: await registry.metrics(), contentType: registry.contentType };
  }

  #setFreshness(freshness: Gauge<'org'>, lags: ReadonlyMap<string, number>): void {
    const shown = new Set([...this.#shown.values()].map(({ org }) => org));
    for (const org of shown) freshness.set({ org }, lags.get(org) ?? 0);
    const others = [...lags].filter(([org]) => !shown.has(org)).map(([, lag]) => lag);
    freshness.set(
      { org: OTHER },
      others.reduce((most, lag) => Math.max(most, lag), 0),
    );
  }
}

/** The metrics of the page, in their order. */
export function createOrgMetrics(registry: Registry) {
  const registers = [registry];
  const labelNames = ['org', 'model'] as const;
  return {
    requests: new Counter({
      name: 'tidemark_org_requests_total',
      help: 'Requests to models that were stored.',
      labelNames,
      registers,
    }),
    failures: new Counter({
      name: 'tidemark_org_failures_total',
      help: 'Requests to models that failed, by status.',
      labelNames: [...labelNames, 'status'],
      registers,
    }),
    cost: new Counter({
      name: 'tidemark_org_cost_dollars_total',
      help: 'What requests to models cost, in US dollars.',
      labelNames,
      registers,
    }),
    latency: new Gauge({
      name: 'tidemark_org_latency_seconds',
      help: 'Percentiles of the latency of requests stored in the last five minutes, within 1 %.',
      labelNames: [...labelNames, 'quantile'],
      registers,
    }),
    freshness: new Gauge({
      name: 'tidemark_org_freshness_seconds',
      help: 'How long the oldest stored event of an org waits to be in its numbers; 0 if none waits.',
      labelNames: ['org'] as const,
      registers,
    }),
  };
}
