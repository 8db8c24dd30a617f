import type { Clock } from '../../time.ts';
import { reasonOf, withoutCredentials } from './api.ts';
import {
  type MissingPart,
  type Part,
  type RealtimeSource,
  type RealtimeSourceName,
  realtimeOf,
} from './realtime.ts';
import { readScrape, type Scrape } from './scrape.ts';

/** A process whose `/metrics` are read. */
export interface ScrapeTarget {
  /** A name for the operator. */
  name: string;
  /** Fetches its metrics in the text format of Prometheus. */
  fetch(signal: AbortSignal): Promise<string>;
}

interface ScrapedOptions {
  source: RealtimeSourceName;
  targets: readonly ScrapeTarget[];
  clock: Clock;
  /** Window of rates, in milliseconds. */
  window: number;
  /** Time limit of a read, in milliseconds. */
  budget: number;
}

/** A scrape up to this age is reused. */
const REUSE_MS = 1_000;
/** Scrapes of each target within the window. The base of a rate is at most one such interval off. */
const SCRAPES_IN_WINDOW = 6;

/** A process by the URL of its metrics. */
export function targetAt(given: string): ScrapeTarget {
  const { url, headers } = withoutCredentials(given);
  return {
    name: new URL(url).host,
    async fetch(signal) {
      const response = await fetch(url, { headers, signal });
      if (!response.ok) throw new Error(`answered ${response.status}`);
      return response.text();
    },
  };
}

/**
 * Reads the service's figures from scrapes of its processes. A rate needs two scrapes, so `start` scrapes regularly in
 * the background, and some scrapes are kept. Each read scrapes once more.
 */
export class ScrapedRealtime implements RealtimeSource {
  readonly #options: ScrapedOptions;
  readonly #rings: { target: ScrapeTarget; ring: Scrape[] }[];
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<MissingPart[]> | undefined;

  constructor(options: ScrapedOptions) {
    this.#options = options;
    this.#rings = options.targets.map((target) => ({ target, ring: [] }));
  }

  start(): void {
    void this.#scrape();
    this.#timer = setInterval(() => void this.#scrape(), this.#options.window / SCRAPES_IN_WINDOW);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async read() {
    const { source, window, clock } = this.#options;
    const unreachable = await this.#scrape();
    const now = clock.now();
    const current = this.#rings.flatMap(({ target, ring }) => {
      const latest = ring.at(-1);
      return latest && now - latest.at < window ? [{ target, ring, latest }] : [];
    });
    const scrapes = current.map(({ ring, latest }) => rateOver(ring, latest, now - window));
    const unusable = current.flatMap(({ target, latest }) =>
      latest.unusable.map((metric) => ({
        part: target.name,
        reason: `${metric} has a value that is NaN or infinite`,
      })),
    );
    return realtimeOf(readingsOf(scrapes), { source, window, now, unreachable, unusable });
  }

  async readWaiting() {
    const { source, window, clock } = this.#options;
    const missing = await this.#scrape();
    const now = clock.now();
    const latest = this.#rings.flatMap(({ ring }) => ring.at(-1) ?? []).filter(({ at }) => now - at < window);
    return { source, missing, samples: latest.flatMap(({ waiting }) => waiting) };
  }

  /** Scrapes every target once, also for concurrent reads. Resolves to the targets that failed. */
  #scrape(): Promise<MissingPart[]> {
    this.#underWay ??= this.#scrapeAll().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #scrapeAll(): Promise<MissingPart[]> {
    const { clock, budget, window } = this.#options;
    const signal = AbortSignal.timeout(budget);
    const missing = await Promise.all(
      this.#rings.map(async ({ target, ring }) => {
        const latest = ring.at(-1);
        if (latest && clock.now() - latest.at < REUSE_MS) return [];
        try {
          const text = await within(signal, target.fetch(signal));
          ring.push(readScrape(text, clock.now()));
          // One scrape older than the window is kept as its start.
          while (ring.length > 2 && (ring[1]?.at ?? 0) <= clock.now() - window) ring.shift();
          return [];
        } catch (error) {
          return [{ part: target.name, reason: reasonOf(error) }];
        }
      }),
    );
    return missing.flat();
  }
}

/** Rejects when the signal aborts, even if `work` ignores it. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
  ]);
}

interface ScrapedRates {
  latest: Scrape;
  /** Rates a second since an earlier scrape; `undefined` without one. */
  rates: Pick<Scrape, 'requests' | 'latency' | 'queries'> | undefined;
}

/** The rates of a process, from the last scrape before `since` (or the first scrape) to the latest. */
function rateOver(ring: readonly Scrape[], latest: Scrape, since: number): ScrapedRates {
  const sameProcess = ring.filter((scrape) => scrape !== latest && scrape.startedAt === latest.startedAt);
  const base = sameProcess.findLast((scrape) => scrape.at <= since) ?? sameProcess[0];
  // The counters of a process that began within the window started at 0.
  const from = latest.startedAt >= since || base === undefined ? undefined : base;
  if (from === undefined && latest.startedAt < since) return { latest, rates: undefined };
  const seconds = Math.max(1, (latest.at - (from?.at ?? latest.startedAt)) / 1_000);
  const perSecond = <Key>(
    now: ReadonlyMap<Key, number> | undefined,
    before: ReadonlyMap<Key, number> | undefined,
  ) => {
    if (now === undefined || (from !== undefined && before === undefined)) return undefined;
    return new Map(
      [...now].map(([key, count]) => [key, Math.max(0, count - (before?.get(key) ?? 0)) / seconds]),
    );
  };
  return {
    latest,
    rates: {
      requests: perSecond(latest.requests, from?.requests),
      latency: perSecond(latest.latency, from?.latency),
      queries: perSecond(latest.queries, from?.queries),
    },
  };
}

function readingsOf(scrapes: readonly ScrapedRates[]) {
  const noAnswer = { missing: 'no process answered' };
  const notReported = { missing: 'no process reports it' };
  const notANumber = { missing: 'no process reports usable numbers for it' };
  const oneScrape = { missing: 'needs a second scrape; try again later' };
  const rates = scrapes.flatMap((scrape) => scrape.rates ?? []);
  const sum = <Key>(given: readonly (ReadonlyMap<Key, number> | undefined)[]): Part<Map<Key, number>> => {
    const maps = given.filter((map) => map !== undefined);
    if (maps.length === 0)
      return scrapes.length === 0 ? noAnswer : given.length === 0 ? oneScrape : notANumber;
    const sums = new Map<Key, number>();
    for (const [key, value] of maps.flatMap((map) => [...map])) sums.set(key, (sums.get(key) ?? 0) + value);
    return { value: sums };
  };
  const lags = scrapes.flatMap(({ latest }) => latest.rollupLagSeconds ?? []);
  return {
    startTimes:
      scrapes.length === 0 ? noAnswer : { value: scrapes.map(({ latest }) => latest.startedAt / 1_000) },
    requestRates: sum(rates.map(({ requests }) => requests)),
    latencySeconds: buckets(sum(rates.map(({ latency }) => latency))),
    querySeconds: buckets(sum(rates.map(({ queries }) => queries))),
    rollupLagSeconds:
      lags.length > 0 ? { value: Math.max(...lags) } : scrapes.length === 0 ? noAnswer : notReported,
  };
}

function buckets(part: Part<ReadonlyMap<number, number>>) {
  return 'value' in part ? { value: [...part.value].map(([upTo, count]) => ({ upTo, count })) } : part;
}
