import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Rule } from '../../src/alerts/rules/rule.ts';
import { loadConfig } from '../../src/config.ts';
import { type Ingestion, startIngestion } from '../../src/ingestion/start-ingestion.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { HOUR, MINUTE, SECOND } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { silentLog } from '../support/events/ingestion.ts';
import { type HttpReceiver, startReceiver } from '../support/servers/http-receiver.ts';
import { AlertingRun, type Answer, answers } from './alerting-run.ts';
import { AlertBooks } from './books.ts';

const database = useDatabase();
/** Number of sequences to try; `PROPERTY_RUNS=1000` for a search. */
const runs = Number(process.env.PROPERTY_RUNS ?? 30);
/** Repeats the sequences of another run. */
const seed = Number(process.env.PROPERTY_SEED ?? Date.now() % 2 ** 31);
/** A busy machine tries fewer. */
const LONGEST = process.env.PROPERTY_RUNS ? 10 * HOUR : 50 * SECOND;

/** Each sequence begins at this time, in an org of its own without events. */
const BASE = Math.floor(Date.now() / HOUR) * HOUR;
const clock = { at: BASE, now: () => clock.at };
let orgs = 0;
let receiver: HttpReceiver;
let ingestion: Ingestion;
beforeAll(async () => {
  // The test never kills PostgreSQL, so commits need not reach the disk.
  await database.pool.query(`do $$ begin
    execute format('alter database %I set synchronous_commit = off', current_database()); end $$`);
  receiver = await startReceiver();
  const config = { ...loadConfig({}), ingestionBatchTimeout: 0 };
  ingestion = startIngestion({
    config,
    pool: database.pool,
    clock,
    log: silentLog,
    metrics: createMetrics(),
  });
});
afterAll(async () => {
  await ingestion.stop();
  await receiver.close();
});

function store(...events: object[]) {
  return ingestion.ingest.submit({
    events,
    source: 'http',
    correlationId: 'property',
    mayIngestFor: () => true,
  });
}

const channels = fc.constantFrom<Rule['channels']>(
  [{ channel: 'webhook', to: 'ops' }],
  [{ channel: 'webhook' }, { channel: 'in_app' }],
  [{ channel: 'webhook', to: 'ops' }, { channel: 'webhook' }],
  [{ channel: 'webhook', to: 'pager' }, { channel: 'in_app' }],
);
const severity = fc.constantFrom<Rule['severity']>('info', 'warning', 'critical');
const escalation = fc.constantFrom<Rule['escalation']>(
  [],
  [{ afterSeconds: 60, channels: [{ channel: 'webhook', to: 'pager' }] }],
  [
    { afterSeconds: 90, channels: [{ channel: 'webhook', to: 'ops' }] },
    { afterSeconds: 200, channels: [{ channel: 'webhook' }, { channel: 'webhook', to: 'pager' }] },
  ],
);
/** Fires on three errors within a minute. */
const rule = fc
  .record({
    severity,
    channels,
    escalation,
    forSeconds: fc.constantFrom(0, 0, 60),
    cooldownSeconds: fc.constantFrom(0, 120, 600),
    repeatSeconds: fc.constantFrom(0, 120, 600),
    groupBy: fc.constantFrom([], [], ['clientId']),
  })
  .map((given) => ({ ...given, metric: 'usage.errors', threshold: 2, intervalSeconds: 60 }));
const change = fc.oneof(
  fc.record({ severity }),
  fc.record({ channels }),
  fc.record({ escalation }),
  fc.record({ enabled: fc.boolean() }),
  fc.record({ threshold: fc.constantFrom(2, 1_000) }),
  fc.record({ filters: fc.constantFrom<Rule['filters']>({}, { status: 'error' }) }),
);

type Step = (run: AlertingRun) => Promise<void>;

/** A step of a sequence, with the name and details that a failure is reported with. */
function possible<T>(
  weight: number,
  name: string,
  details: fc.Arbitrary<T>,
  happen: (run: AlertingRun, details: T) => Promise<void> | void,
): fc.WeightedArbitrary<Step> {
  return {
    weight,
    arbitrary: details.map((given) =>
      Object.assign(async (run: AlertingRun) => happen(run, given), {
        [fc.toStringMethod]: () => `${name} ${fc.stringify(given)}`,
      }),
    ),
  };
}

const nothing = fc.constant('');
const which = fc.nat({ max: 1 });

const step = fc.oneof(
  possible(4, 'errors', fc.constantFrom(1, 3, 9), async (run, count) => {
    await run.store(count);
    await run.fold();
  }),
  possible(1, 'errors that arrive late', fc.constantFrom(5, 12), async (run, minutes) => {
    await run.store(9, minutes * MINUTE);
    await run.fold();
  }),
  possible(4, 'escalate', fc.constantFrom<1 | 2>(1, 2), async (run, engines) => {
    await run.escalate(engines);
    expect(await remaining(unescalated()), 'steps that are due and not told').toEqual([]);
  }),
  possible(1, 'errors not rolled up', fc.constantFrom(3, 9), (run, count) => run.store(count)),
  possible(5, 'seconds pass', fc.constantFrom(1, 16, 31, 31, 61, 61, 300), (run, seconds) =>
    run.advance(seconds * SECOND),
  ),
  possible(6, 'engines', fc.constantFrom<1 | 2>(1, 2), (run, engines) => run.evaluate(engines)),
  possible(2, 'an engine dies', nothing, (run) => run.engineDies()),
  possible(2, 'expand', nothing, (run) => run.expand()),
  possible(
    6,
    'deliver',
    fc.tuple(fc.constantFrom<Answer>('taken', 'taken', ...answers), fc.constantFrom<1 | 2>(1, 2)),
    (run, [answer, senders]) => run.deliver(answer, senders),
  ),
  possible(3, 'a sender is gone', fc.tuple(fc.constantFrom('claim', 'send'), fc.boolean()), (run, given) =>
    run.abandon(...(given as ['claim' | 'send', boolean])),
  ),
  possible(1, 'a slow sender records', nothing, (run) => run.slowRecord()),
  possible(4, 'act', fc.constantFrom('acknowledge', 'unacknowledge', 'resolve', 'resolve'), (run, act) =>
    run.act(act as 'acknowledge'),
  ),
  possible(2, 'change', fc.tuple(which, change), (run, [index, changes]) => run.change(index, changes)),
  possible(1, 'silence', fc.tuple(which, fc.constantFrom(2, 8)), (run, [index, minutes]) =>
    run.change(index, {}, minutes * MINUTE),
  ),
);

async function clear(): Promise<void> {
  const tables = [
    'alert_configs',
    'alert_states',
    'alert_history',
    'alert_transitions',
    'notification_outbox',
  ]
    .concat('in_app_notifications', 'webhook_endpoints', 'notification_preferences')
    .map((table) => `delete from analytics.${table};`);
  await database.pool.query(tables.join(''));
  clock.at = BASE;
}

/** Longer than the longest cooldown, silence or quiet hours plus the longest `forSeconds`. */
const LONGEST_HELD = 14 * MINUTE;

async function remaining(sql: string): Promise<object[]> {
  return (await database.pool.query(sql)).rows;
}

/** Open alerts that nobody was told of. */
const UNTOLD = `
  select group_key from analytics.alert_states
  where state ->> 'workflow' = 'open' and not (state ->> 'told')::boolean`;
/** Steps that are due, of alerts that no silence keeps back. */
function unescalated(): string {
  return `
  select s.group_key, s.state from analytics.alert_states s join analytics.alert_configs c on c.id = s.config_id
  where s.state ->> 'workflow' = 'open' and (s.state ->> 'told')::boolean and s.condition = 'firing' and c.enabled
    and (c.silenced_until is null or c.silenced_until <= to_timestamp(${clock.at / SECOND}))
    and (s.state ->> 'unacknowledgedSince')::float8
      + 1000 * (c.rule -> 'escalation' -> (s.state ->> 'stepsTold')::int ->> 'afterSeconds')::float8 <= ${clock.at - 11 * SECOND}`;
}
const UNSEEN = `
  select c.id from analytics.alert_configs c
  where c.enabled and (c.rule ->> 'threshold')::int = 2 and not exists (
    select from analytics.alert_states s where s.config_id = c.id and s.condition = 'firing')`;
const UNSENT = `select id from analytics.notification_outbox where status in ('waiting', 'leased')`;
const OPEN = 'select id from analytics.alert_history where resolved_at is null';

/**
 * Time passes without faults until everyone is told, and then until all alerts have ended and all is sent.
 */
async function settleDown(run: AlertingRun): Promise<void> {
  for (let passed = 0; passed < LONGEST_HELD; passed += 150 * SECOND) {
    run.advance(150 * SECOND);
    await run.store(9);
    await run.fold();
    await run.evaluate(1);
    await run.escalate();
    await run.deliver('taken');
  }
  expect(await remaining(unescalated()), 'steps that are due and not told').toEqual([]);
  expect(await remaining(UNTOLD), 'open alerts that nobody was told of').toEqual([]);
  expect(await remaining(UNSEEN), 'rules that should fire').toEqual([]);
  let rounds = 0;
  while ((await remaining(`${OPEN} union all select null from (${UNSENT}) as o`)).length > 0) {
    run.advance(61 * SECOND);
    await run.evaluate(1);
    await run.deliver('taken');
    if (++rounds > 40) break;
  }
  expect(await remaining(UNSENT), 'messages that were not sent').toEqual([]);
}

test('whatever happens between an event and a receiver, everyone is told of each transition once', {
  timeout: 3 * MINUTE + LONGEST,
}, async () => {
  let done = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(rule, rule),
      fc.array(step, { minLength: 8, maxLength: 24 }),
      async (rules, sequence) => {
        await clear();
        const run = new AlertingRun({ org: `org-${orgs++}`, database, receiver, store, clock });
        const books = new AlertBooks(database.pool);
        try {
          await run.begin(rules.map((given, index) => ({ ...given, name: `rule ${index}` })));
          for (const happen of sequence) {
            const channels = await run.channels();
            await happen(run);
            await books.note(channels);
          }
          const channels = await run.channels();
          await settleDown(run);
          await books.note(channels);
          await books.expectHonest(run.seen);
          done++;
        } finally {
          await run.end();
        }
      },
    ),
    { numRuns: runs, interruptAfterTimeLimit: LONGEST, seed },
  );
  expect(done).toBeGreaterThan(0);
  console.log(`${done} sequences of alerts, PROPERTY_SEED=${seed}`);
});
