import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { CodedError } from '../../src/errors.ts';
import { ALL_ORGS } from '../../src/events/all-orgs.ts';
import { type Ingestion, startIngestion } from '../../src/ingestion/start-ingestion.ts';
import { answerReliability } from '../../src/queries/models/reliability.ts';
import { answerUsage } from '../../src/queries/models/usage.ts';
import { orgFreshness } from '../../src/queries/reading/freshness.ts';
import { createFreshnessCache } from '../../src/queries/reading/freshness-cache.ts';
import { promote, promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { type Grain, grains } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { rebuild } from '../../src/rollups/remake/rebuild.ts';
import { compact } from '../../src/rollups/upkeep/compact.ts';
import { applyRetention } from '../../src/rollups/upkeep/retention.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { type UsageEvent, usageMaker } from '../support/events/fixtures.ts';
import { silentLog } from '../support/events/ingestion.ts';
import { bookedEvents } from './booked-events.ts';
import { lastOfModels, wrongReliability, wrongUsage } from './distinct-events.ts';

const database = useDatabase();
/** Number of sequences to try; `PROPERTY_RUNS=1000` for a search. */
const runs = Number(process.env.PROPERTY_RUNS ?? 40);
/** A busy machine tries fewer. */
const LONGEST = process.env.PROPERTY_RUNS ? 10 * HOUR : 90 * SECOND;

/** The clocks went back in Europe nine days before, and in America two days before. */
const BASE = Date.UTC(2025, 10, 4, 12, 7);
/** Queries ask for one org, and for all together. */
const ASKED = ['acme', ALL_ORGS];
const RAW_RETENTION = 7 * DAY;
/** Long enough that a run passes one generation of ids, and never two. */
const DEDUP_WINDOW = 60 * DAY;
const MOST_DAYS_PASSED = 110;

/**
 * Every step refers to these events by position. Few models, close together, share their bucket with others
 * at every grain. Times have microseconds, which dates of JavaScript lack.
 */
const universe: readonly UsageEvent[] = (() => {
  const makeUsage = usageMaker(11, BASE);
  return Array.from({ length: 72 }, (_, n) => {
    const ago = [n * SECOND, n * 10 * SECOND, n * 5 * MINUTE, n * 3 * HOUR][n % 4] ?? 0;
    const occurredAt = new Date(BASE - ago).toISOString().replace('Z', `${String(n * 13).padStart(3, '0')}Z`);
    const orgId = n % 3 === 0 ? 'globex' : 'acme';
    const modelId = n % 5 === 0 ? 'claude-sonnet' : 'gpt-4o';
    const status = n % 6 === 0 ? 'timeout' : 'success';
    return makeUsage({ orgId, occurredAt, modelId, clientId: 'chat', status, cachedInputTokens: n % 20 });
  });
})();

const positions = fc.array(fc.nat({ max: universe.length - 1 }), { minLength: 1, maxLength: 16 });
const grain = fc.constantFrom(...grains);

function possible(weight: number, what: Step['what'], details: Record<string, fc.Arbitrary<unknown>> = {}) {
  return {
    weight,
    arbitrary: fc.record({ what: fc.constant(what), ...details }),
  };
}

/** A step of a sequence. Steps come in any order and number. */
const step = fc.oneof(
  possible(4, 'ingest', { positions }),
  possible(4, 'ingest and fold', { positions }),
  possible(1, 'ingest another payload', { positions }),
  possible(1, 'fold'),
  possible(4, 'promote', { grain }),
  possible(3, 'compact', { grain }),
  possible(1, 'compact all'),
  possible(2, 'retention', { days: fc.constantFrom(0, 1, 2, 5, 30, 61) }),
  possible(2, 'rebuild', { from: fc.nat({ max: 9 }), length: fc.integer({ min: 1, max: 5 }) }),
  possible(1, 'restart'),
  possible(2, 'all at once', { positions, grain }),
) as fc.Arbitrary<Step>;

type Step =
  | { what: 'ingest' | 'ingest and fold' | 'ingest another payload'; positions: number[] }
  | { what: 'fold' | 'compact all' | 'restart' }
  | { what: 'promote' | 'compact'; grain: Grain }
  | { what: 'retention'; days: number }
  | { what: 'rebuild'; from: number; length: number }
  | { what: 'all at once'; positions: number[]; grain: Grain };

const question = fc.record({
  granularity: fc.constantFrom('hour', 'day', 'week'),
  // Only days and weeks of UTC are read from days and weeks.
  timezone: fc.constantFrom(
    'UTC',
    'UTC',
    'UTC',
    'America/New_York',
    'Europe/Berlin',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
  ),
  minutesAgo: fc.nat({ max: (11 * DAY) / MINUTE }),
  minutes: fc.integer({ min: 1, max: (11 * DAY) / MINUTE }),
});
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

/** The parts of the service on the database, and the events they were given. */
class Run {
  readonly #pool = database.pool;
  #now = BASE;
  #ingestion: Ingestion = this.#start();
  /** Events that were acknowledged as stored, and those folded since. */
  readonly #stored = new Set<UsageEvent>();
  #folded: UsageEvent[] = [];

  #start(): Ingestion {
    const config = { ...loadConfig({}), ingestionBatchTimeout: 0 };
    const clock = { now: () => this.#now };
    return startIngestion({ config, pool: this.#pool, clock, log: silentLog, metrics: createMetrics() });
  }

  async #ingest(positions: readonly number[], change: Partial<UsageEvent> = {}): Promise<void> {
    const events = positions.flatMap((at) => universe[at] ?? []);
    const answer = await this.#ingestion.ingest.submit({
      events: events.map((event) => ({ ...event, ...change })),
      source: 'http',
      correlationId: 'property',
      mayIngestFor: () => true,
    });
    const changed = Object.keys(change).length > 0;
    const fresh = [...new Set(events)].filter((event) => !this.#stored.has(event));
    if (changed && fresh.length > 0) throw new Error('only what is stored can be contradicted');
    expect(answer).toMatchObject({
      received: events.length,
      stored: fresh.length,
      duplicates: changed ? 0 : events.length - fresh.length,
      conflicts: changed ? events.length : 0,
      rejected: 0,
    });
    for (const event of fresh) this.#stored.add(event);
  }

  async #fold(): Promise<void> {
    while ((await rollUp(this.#pool)) > 0);
    this.#folded = [...this.#stored];
  }

  async #rebuild(from: number, length: number): Promise<void> {
    const range = { from: new Date(BASE - from * DAY), to: new Date(BASE - (from - length) * DAY) };
    await rebuild(this.#pool, range).catch((error: unknown) => {
      if (!(error instanceof CodedError && error.code === 'range_not_kept')) throw error;
      // Raw events of that day are removed, which happens only when their time is over.
      expect(this.#now - RAW_RETENTION).toBeGreaterThanOrEqual(range.from.getTime());
    });
  }

  async #retain(days: number): Promise<void> {
    this.#now = Math.min(this.#now + days * DAY, BASE + MOST_DAYS_PASSED * DAY);
    await applyRetention({
      pool: this.#pool,
      log: silentLog,
      rawRetention: RAW_RETENTION,
      dedupWindow: DEDUP_WINDOW,
      now: this.#now,
    });
  }

  async happen(step: Step): Promise<void> {
    const pool = this.#pool;
    switch (step.what) {
      case 'ingest':
        return this.#ingest(step.positions);
      case 'ingest and fold':
        await this.#ingest(step.positions);
        return this.#fold();
      case 'ingest another payload':
        await this.#ingest(step.positions);
        return this.#ingest(step.positions, { latencyMs: 7 });
      case 'fold':
        return this.#fold();
      case 'promote':
        return promoteAll(pool, step.grain);
      case 'compact':
        await compact(pool, step.grain);
        return;
      case 'compact all':
        for (const each of grains) while ((await compact(pool, each)) > 0);
        return;
      case 'retention':
        return this.#retain(step.days);
      case 'rebuild':
        return this.#rebuild(step.from, step.length);
      case 'restart':
        await this.#ingestion.stop();
        this.#ingestion = this.#start();
        return;
      case 'all at once':
        await Promise.all([
          this.#ingest(step.positions),
          rollUp(pool),
          promote(pool, step.grain),
          compact(pool, step.grain),
          rollUp(pool),
        ]);
        return this.#fold();
    }
  }

  async check(question: Question): Promise<void> {
    for (const orgId of ASKED) await this.#check(orgId, question);
  }

  async #check(orgId: string, { granularity, timezone, minutesAgo, minutes }: Question): Promise<void> {
    const folded = this.#folded.filter((event) => orgId === ALL_ORGS || event.orgId === orgId);
    const start = BASE - minutesAgo * MINUTE;
    const asked = {
      orgId,
      range: { start, end: start + minutes * MINUTE },
      granularity,
      timezone,
      modelId: undefined,
      groupBy: undefined,
      now: this.#now,
    };
    const isLost = (error: unknown): undefined => {
      if (!(error instanceof CodedError && error.code === 'range_not_kept')) throw error;
      expect(this.#now - start).toBeGreaterThan(89 * DAY);
      return undefined;
    };
    const usage = await answerUsage(this.#pool, asked).catch(isLost);
    if (usage) expect(wrongUsage(usage, folded)).toEqual([]);
    // The coarsest grains are read only for whole days and weeks of UTC.
    const whole = { start: BASE - 20 * DAY, end: BASE + 10 * DAY };
    for (const granularity of ['day', 'week'] as const) {
      const answer = await answerUsage(this.#pool, { ...asked, range: whole, granularity, timezone: 'UTC' });
      expect(wrongUsage(answer, folded)).toEqual([]);
    }
    const reliability = await answerReliability(this.#pool, {
      ...asked,
      percentiles: ['p50', 'p95', 'p99'],
    }).catch(isLost);
    if (reliability) expect(wrongReliability(reliability, folded)).toEqual([]);

    const { entries } = await orgFreshness(
      this.#pool,
      createFreshnessCache({ redis: undefined, ttl: 0 }),
      orgId,
    );
    expect(entries.map(({ modelId, lastEventAt }) => ({ modelId, lastEventAt }))).toEqual(
      lastOfModels(folded),
    );
  }

  async finish(): Promise<void> {
    await this.#fold();
    expect((await reconcile(this.#pool)).drifts).toEqual([]);
    for (const orgId of ['acme', 'globex']) {
      const booked = await bookedEvents(this.#pool, orgId, { from: BASE - 20 * DAY, to: BASE + 10 * DAY });
      expect(booked).toBe(this.#folded.filter((event) => event.orgId === orgId).length);
    }
    await this.#ingestion.stop();
  }
}

/** Deleting is far quicker than truncating, which creates new files for every partition. */
async function clear(): Promise<void> {
  const tables = ['events', 'event_keys', 'event_keys_previous', 'event_conflicts', 'key_generations']
    .concat(
      'ingestion_batches',
      'rollups',
      'folds',
      'removals',
      'freshness_status',
      'daily_books',
      'booked_days',
    )
    .map((table) => `delete from analytics.${table};`);
  await database.pool.query(tables.join(''));
  await database.pool.query('insert into analytics.key_generations values ($1)', [new Date(BASE)]);
}

test('in any order of steps, answers are the totals of the distinct events folded so far', {
  timeout: 3 * MINUTE + LONGEST,
}, async () => {
  const steps = fc.array(fc.tuple(step, question), { minLength: 4, maxLength: 16 });
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      await clear();
      const run = new Run();
      for (const [step, question] of sequence) {
        await run.happen(step);
        await run.check(question);
      }
      await run.finish();
      for (const [, question] of sequence.slice(0, 3)) await run.check(question);
    }),
    { numRuns: runs, interruptAfterTimeLimit: LONGEST },
  );
});
