import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Channel, type Delivery, DeliveryError } from '../../src/notifications/channels/channel.ts';
import type { Severity } from '../../src/notifications/notice/notice.ts';
import { Deliverer } from '../../src/notifications/outbox/deliverer.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { HOUR, MINUTE, SECOND } from '../../src/time.ts';
import { makeNotice } from '../support/alerting/notices.ts';
import { fireAlert, putMessage } from '../support/alerting/outbox.ts';
import { useDatabase } from '../support/database/database.ts';
import { silentLog } from '../support/events/ingestion.ts';

const database = useDatabase();
/** Number of sequences to try; `PROPERTY_RUNS=1000` for a search. */
const runs = Number(process.env.PROPERTY_RUNS ?? 25);
/** Repeats the sequences of another run. */
const seed = Number(process.env.PROPERTY_SEED ?? Date.now() % 2 ** 31);
/** A busy machine tries fewer. */
const LONGEST = process.env.PROPERTY_RUNS ? 10 * HOUR : 40 * SECOND;
const WAIT = 30 * SECOND;
const clock = { at: Date.parse('2026-11-20T10:00:00Z'), now: () => clock.at };

/** A message that the provider took, with the alerts that it told. */
interface Told {
  at: number;
  recipient: string;
  severity: Severity;
  alerts: string[];
}

type Answer = 'taken' | 'failing' | 'refusing several';

class GroupedRun {
  readonly told: Told[] = [];
  /** When each alert was put into the outbox, and for whom. */
  readonly put = new Map<string, { at: number; recipient: string; severity: Severity }>();
  #answer: Answer = 'taken';
  readonly #channel: Channel = {
    name: 'sms',
    send: async (delivery) => {
      const { notice, others = [], recipient } = delivery;
      if (this.#answer === 'failing') throw new DeliveryError('away', { retryable: true, ambiguous: false });
      if (this.#answer === 'refusing several' && others.length > 0)
        throw new DeliveryError('too long', { retryable: false });
      this.told.push({ at: clock.at, recipient, severity: notice.severity, alerts: alertsOf(delivery) });
      return {};
    },
  };

  async add(recipient: string, severity: Severity, count: number): Promise<void> {
    for (let one = 0; one < count; one++) {
      const notice = makeNotice({ severity, group: { model: `m${this.put.size}` } });
      const alertId = await fireAlert(database.pool, notice);
      await putMessage(database.pool, {
        ...{ alertId, recipient, channel: 'sms', at: new Date(clock.at) },
        notice: { severity, group: notice.group },
      });
      this.put.set(alertId, { at: clock.at, recipient, severity });
    }
  }

  async deliver(answer: Answer): Promise<void> {
    this.#answer = answer;
    const all = [this.#deliverer(), this.#deliverer()];
    for (const deliverer of all) deliverer.start();
    await Promise.all(all.map((deliverer) => deliverer.stop()));
  }

  /** The alerts that were not told yet. */
  get waiting(): string[] {
    const told = new Set(this.told.flatMap(({ alerts }) => alerts));
    return [...this.put.keys()].filter((id) => !told.has(id));
  }

  #deliverer(): Deliverer {
    return new Deliverer({
      pool: database.pool,
      channels: [this.#channel],
      mostPending: 0,
      defaults: { email: [], sms: [], slack: [] },
      groupWait: WAIT,
      linksOf: async () => ({}),
      clock,
      log: silentLog,
      metrics: createMetrics(),
    });
  }
}

function alertsOf({ notice, others = [] }: Delivery): string[] {
  return [notice, ...others].map(({ alertId }) => alertId);
}

const phone = fc.constantFrom('+4915100000001', '+4915100000002');
type Step = { put: string; severity: Severity; count: number } | { passes: number } | { deliver: Answer };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      put: phone,
      severity: fc.constantFrom<Severity>('warning', 'critical'),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ passes: fc.constantFrom(1, 4, 6, 20, 31, 61) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      deliver: fc.constantFrom<Answer>('taken', 'taken', 'failing', 'refusing several'),
    }),
  },
);

async function play(run: GroupedRun, steps: readonly Step[]): Promise<void> {
  for (const one of steps) {
    if ('put' in one) await run.add(one.put, one.severity, one.count);
    else if ('passes' in one) clock.at += one.passes * SECOND;
    else await run.deliver(one.deliver);
  }
}

test('whatever is told together, each alert is told once, the first at once and the others after the wait', {
  timeout: 2 * MINUTE + LONGEST,
}, async () => {
  let done = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 20 }), async (steps) => {
      await database.pool.query(
        'delete from analytics.notification_outbox; delete from analytics.alert_history',
      );
      clock.at += HOUR;
      const run = new GroupedRun();
      await play(run, steps);
      // The first notice to somebody who has heard nothing for the wait goes at once.
      clock.at += HOUR;
      await run.deliver('taken');
      // A round tells one message to a recipient, and those of a refused delivery are told one by one.
      for (let round = 0; round < 60 && run.waiting.length > 0; round++) {
        clock.at += WAIT;
        await run.deliver('taken');
      }
      expect(run.waiting, 'alerts that were never told').toEqual([]);
      await run.add('+4915100000003', 'warning', 1);
      await run.deliver('taken');
      expect(run.waiting, 'a first notice that was not told at once').toEqual([]);
      const all = run.told.flatMap(({ alerts }) => alerts);
      expect(all.length, 'alerts that were told').toBe(new Set(all).size);
      for (const { recipient, alerts } of run.told)
        expect(alerts.map((id) => run.put.get(id)?.recipient)).toEqual(alerts.map(() => recipient));
      done++;
    }),
    { numRuns: runs, interruptAfterTimeLimit: LONGEST, seed },
  );
  expect(done).toBeGreaterThan(0);
  console.log(`${done} sequences of grouped notices, PROPERTY_SEED=${seed}`);
});
