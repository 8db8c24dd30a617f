import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closeDue, withClosing } from '../../src/exports/periods/close-due.ts';
import { closeMonth } from '../../src/exports/periods/close-month.ts';
import { addMonths, dueAt, monthText } from '../../src/exports/periods/month.ts';
import { reopenMonth } from '../../src/exports/periods/reopen-month.ts';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../src/rollups/grains.ts';
import { reprice } from '../../src/rollups/remake/reprice.ts';
import { applyRetention } from '../../src/rollups/upkeep/retention.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time.ts';
import { usualRetention } from '../support/answers/retention.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { makeJob } from '../support/events/ml-jobs.ts';
import { caller, putPrice } from '../support/events/prices.ts';
import { monthFile, person, schedule, tablesOfMonths } from './month-files.ts';

const database = useDatabase();
const runs = Number(process.env.PROPERTY_RUNS ?? 12);
/** A busy machine tries fewer. */
const LONGEST = process.env.PROPERTY_RUNS ? 10 * HOUR : 40 * SECOND;

const FIRST = Date.UTC(2026, 6, 1);
const MONTHS = 4;
const clock = { now: () => FIRST };
let now = FIRST;
const ingestion = useIngestion(database, { now: () => now });
const makeUsage = usageMaker(4, FIRST);

type Step =
  | { what: 'events'; days: number[] }
  | { what: 'price'; cents: number }
  | { what: 'retention' | 'close' | 'close twice' | 'die while closing' | 'close beside events' }
  | { what: 'reopen'; month: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    what: fc.constant('events' as const),
    days: fc.array(fc.nat({ max: 30 * MONTHS }), { minLength: 1, maxLength: 6 }),
  }),
  fc.record({ what: fc.constant('price' as const), cents: fc.integer({ min: 1, max: 9 }) }),
  fc.record({
    what: fc.constantFrom(
      ...([
        'retention',
        'close',
        'close',
        'close twice',
        'die while closing',
        'close beside events',
      ] as const),
    ),
  }),
  fc.record({ what: fc.constant('reopen' as const), month: fc.nat({ max: MONTHS - 1 }) }),
);

class Died extends Error {}

/** An org, its closed months and the files that were read of them. */
class Run {
  /** Months closed so far. */
  closed = 0;
  readonly #revisions: number[] = [];
  readonly #texts = new Map<string, string>();

  async begin(): Promise<void> {
    await database.pool.query(tablesOfMonths.map((table) => `delete from ${table};`).join(''));
    now = FIRST;
    await schedule(database.pool, FIRST);
    // Whatever happens later is within the time that is accepted.
    now = addMonths(FIRST, MONTHS) + 5 * DAY;
  }

  async #store(days: readonly number[]): Promise<void> {
    const events = days.flatMap((day, index) => {
      const occurredAt = new Date(FIRST + day * DAY + index * HOUR).toISOString();
      return [
        makeUsage({ occurredAt, orgId: 'acme', modelId: day % 2 ? 'a' : 'b', costEstimateCents: day / 7 }),
        makeJob({ occurredAt, orgId: 'acme', provider: 'tripo', pipeline: '3d', status: 'success' }),
      ];
    });
    await ingestion.store(...events);
  }

  async #rollUp(): Promise<void> {
    while ((await rollUp(database.pool)) > 0);
  }

  async #close(): Promise<void> {
    if (this.closed >= MONTHS) return;
    const due = dueAt(addMonths(FIRST, this.closed), 3 * DAY);
    const result = await closeDue({ pool: database.pool, now: due, issuer: 'Example Ltd' });
    if (result.result === 'failed') throw result.error;
    expect(result).toMatchObject({ result: 'closed', revision: 1 });
    this.#revisions[this.closed++] = 1;
  }

  async happen(step: Step): Promise<void> {
    const { pool } = database;
    switch (step.what) {
      case 'events':
        await this.#store(step.days);
        return this.#rollUp();
      case 'price': {
        await putPrice(pool, { provider: 'tripo', effectiveFrom: '2026-07-01', centsPerJob: step.cents });
        const range = { from: new Date(FIRST), to: new Date(addMonths(FIRST, MONTHS)) };
        await reprice(pool, range, { caller, clock });
        return;
      }
      case 'retention':
        await promoteAll(pool, grainNamed('week'));
        return applyRetention({ ...usualRetention(pool), now });
      case 'close':
        return this.#close();
      case 'close twice': {
        if (this.closed >= MONTHS) return;
        const due = dueAt(addMonths(FIRST, this.closed), 3 * DAY);
        const both = [1, 2].map(() => closeDue({ pool, now: due, issuer: 'Example Ltd' }));
        const results = (await Promise.all(both)).map(({ result }) => result);
        expect(results.filter((result) => result === 'closed')).toHaveLength(1);
        this.#revisions[this.closed++] = 1;
        return;
      }
      case 'die while closing':
        return this.#die();
      case 'close beside events': {
        const days = [this.closed * 30, this.closed * 30 + 3];
        const fold = async () => {
          for (let round = 0; round < 3; round++) {
            await this.#store(days);
            await rollUp(pool);
          }
        };
        await Promise.all([this.#close(), fold(), applyRetention({ ...usualRetention(pool), now })]);
        return this.#rollUp();
      }
      case 'reopen': {
        if (step.month >= this.closed) return;
        const month = addMonths(FIRST, step.month);
        const revision = await reopenMonth(
          { pool, clock: { now: () => now }, issuer: 'Example Ltd' },
          { orgId: 'acme', dataset: 'focus', month, note: 'a test' },
          person,
        );
        this.#revisions[step.month] = revision;
      }
    }
  }

  /** A worker that dies after it has written everything, and before the commit. */
  async #die(): Promise<void> {
    if (this.closed >= MONTHS) return;
    const { rows } = await database.pool.query<{
      schedule_id: string;
      request: Parameters<typeof closeMonth>[1]['request'];
    }>('select schedule_id, request from analytics.export_schedules');
    const [row] = rows;
    if (!row) throw new Error('the schedule is gone');
    const dying = withClosing(database.pool, async (client) => {
      await closeMonth(client, {
        ...{
          request: row.request,
          month: addMonths(FIRST, this.closed),
          now,
          issuer: 'Example Ltd',
          note: null,
        },
        ...{ scheduleId: row.schedule_id, dueAt: now, closedBy: 'nobody' },
      });
      throw new Died();
    });
    await expect(dying).rejects.toThrow(Died);
  }

  /** Every file that was read before is as it was. */
  async checkTexts(): Promise<void> {
    for (let month = 0; month < this.closed; month++) {
      for (let revision = 1; revision <= (this.#revisions[month] ?? 0); revision++) {
        const key = `${month} ${revision}`;
        const file = await monthFile(database.pool, monthText(addMonths(FIRST, month)), { revision });
        expect(file.reconciliation?.reconciles).toBe(true);
        expect(file.text).toBe(this.#texts.get(key) ?? file.text);
        this.#texts.set(key, file.text);
      }
    }
  }

  /** The last revisions of all files add up to the rollups, once the last month has taken up what came late. */
  async finish(): Promise<void> {
    while (this.closed < MONTHS) await this.#close();
    await this.happen({ what: 'reopen', month: MONTHS - 1 });
    await this.checkTexts();
    const sums = new Map<string, [events: bigint, cost: bigint]>();
    const add = (month: string, events: bigint, cost: bigint) => {
      const [someEvents, someCost] = sums.get(month) ?? [0n, 0n];
      sums.set(month, [someEvents + events, someCost + cost]);
    };
    for (let month = 0; month < MONTHS; month++) {
      const revision = this.#revisions[month] ?? 0;
      const { rows } = await monthFile(database.pool, monthText(addMonths(FIRST, month)), { revision });
      for (const row of rows) {
        const cost = BigInt((row.BilledCost ?? '').replace('.', ''));
        add((row.ChargePeriodStart ?? '').slice(0, 7), BigInt(row.ConsumedQuantity ?? ''), cost);
      }
    }
    await promoteAll(database.pool, grainNamed('day'));
    const { rows } = await database.pool.query<{ month: string; events: string; cost: string }>(
      `select to_char(r.bucket_start at time zone 'UTC', 'YYYY-MM') as month, sum(r.count)::text as events,
         coalesce(sum(r.cost), 0)::text as cost
       from analytics.rollups r
       where r.org_id = 'acme' and r.grain = 'day' and r.bucket_start < $1
       group by 1 order by 1`,
      [new Date(addMonths(FIRST, MONTHS))],
    );
    expect([...sums].sort(([a], [b]) => (a < b ? -1 : 1)).filter(([, [events]]) => events > 0n)).toEqual(
      rows.map(({ month, events, cost }) => [month, [BigInt(events), BigInt(cost)]]),
    );
  }
}

test('the files of closed months never change, and add up to the rollups', {
  timeout: 3 * MINUTE + LONGEST,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
      const run = new Run();
      await run.begin();
      for (const each of steps) {
        await run.happen(each);
        await run.checkTexts();
      }
      await run.finish();
    }),
    { numRuns: runs, interruptAfterTimeLimit: LONGEST },
  );
});
