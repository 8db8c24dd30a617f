import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { reopenMonth } from '../../src/exports/periods/reopen-month.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { reprice } from '../../src/rollups/remake/reprice.ts';
import { applyRetention } from '../../src/rollups/upkeep/retention.ts';
import { systemClock } from '../../src/time.ts';
import { usualRetention } from '../support/answers/retention.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { makeJob } from '../support/events/ml-jobs.ts';
import { caller, putPrice } from '../support/events/prices.ts';
import { closeAll, monthFile, person, schedule, tablesOfMonths } from './month-files.ts';

const dyingCloser = fileURLToPath(new URL('../support/exports/dying-closer.ts', import.meta.url));
const database = useDatabase();
let now = Date.UTC(2026, 9, 20);
const ingestion = useIngestion(database, { now: () => now });
const makeUsage = usageMaker(2, now);
const PRECISE = {
  costEstimateCents: 1.25,
  inputTokens: 10,
  outputTokens: 5,
  modelId: 'gpt-4o',
  clientId: 'chat',
};

beforeEach(async () => {
  now = Date.UTC(2026, 9, 20);
  await database.pool.query(`truncate ${tablesOfMonths.join(', ')}`);
});

function at(time: string): string {
  return `2026-${time}Z`;
}

async function store(...events: Parameters<typeof ingestion.store>): Promise<void> {
  await ingestion.store(...events);
  while ((await rollUp(database.pool)) > 0);
}

function usageAt(time: string, change = {}) {
  return makeUsage({ ...PRECISE, occurredAt: at(time), ...change });
}

/** Rows of a file in short. */
function short({ rows }: Awaited<ReturnType<typeof monthFile>>) {
  return rows.map((row) =>
    [row.ChargePeriodStart?.slice(0, 10), row.ConsumedQuantity, row.BilledCost, row.ChargeClass]
      .filter(Boolean)
      .join(' '),
  );
}

describe('a month', () => {
  test('is closed three days after its end, and not before', async () => {
    await store(usageAt('10-05T10:00'));
    await schedule(database.pool, now);
    expect(await closeAll(database.pool, Date.UTC(2026, 10, 3, 23, 59, 59))).toEqual([]);
    now = Date.UTC(2026, 10, 4);
    expect(await closeAll(database.pool, now)).toMatchObject([{ result: 'closed', revision: 1 }]);
    const file = await monthFile(database.pool, '2026-10');
    expect(short(file)).toEqual(['2026-10-05 1 0.012500000']);
    expect(file.rows[0]).toMatchObject({
      BillingPeriodStart: '2026-10-01T00:00:00Z',
      InvoiceIssuerName: 'Example Ltd',
    });
    expect(file.open).toMatchObject({ final: true, manifest: { revision: 1, corrections: 0 } });
    expect(file.reconciliation).toMatchObject({ reconciles: true, file: { events: '1', cost: '12500000' } });
    expect(file.reconciliation?.raw).toEqual(file.reconciliation?.file);
  });

  test('is closed once by several workers at the same time', async () => {
    await store(usageAt('10-05T10:00'));
    await schedule(database.pool, now);
    await schedule(database.pool, now, { dataset: 'usage' });
    now = Date.UTC(2026, 10, 4);
    const closed = (await Promise.all([1, 2, 3, 4].map(() => closeAll(database.pool, now)))).flat();
    expect(closed).toHaveLength(2);
    const { rows } = await database.pool.query('select count(*) from analytics.delivered_charges');
    expect(rows).toEqual([{ count: 2 }]);
    expect(await closeAll(database.pool, now)).toEqual([]);
  });

  test('is closed by another worker after kill -9 of the one that closed it, with nothing twice', async () => {
    await store(usageAt('10-05T10:00'));
    await schedule(database.pool, now);
    now = Date.UTC(2026, 10, 4);
    const child = spawn(process.execPath, [dyingCloser, database.url, String(now)], { stdio: 'ignore' });
    expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
    const kept = async () => (await database.pool.query('select from analytics.delivered_charges')).rowCount;
    expect(await kept()).toBe(0);
    expect(await closeAll(database.pool, now)).toMatchObject([{ result: 'closed', revision: 1 }]);
    expect(await kept()).toBe(1);
    expect(short(await monthFile(database.pool, '2026-10'))).toEqual(['2026-10-05 1 0.012500000']);
  });

  test('stays open while its numbers are behind, or do not reconcile, and says why', async () => {
    await store(usageAt('10-05T10:00'));
    await schedule(database.pool, now);
    now = Date.UTC(2026, 10, 4);
    await database.pool.query(`update analytics.rollups set cost = cost + 1 where org_id = 'acme'`);
    const [wrong] = await closeAll(database.pool, now);
    expect(wrong).toMatchObject({ result: 'failed', error: { code: 'does_not_reconcile' } });
    await database.pool.query(`update analytics.rollups set cost = cost - 1 where org_id = 'acme'`);
    await ingestion.store(usageAt('10-06T10:00'));
    await database.pool.query(
      `update analytics.ingestion_batches set completed_at = now() - interval '1 hour'`,
    );
    expect(await closeAll(database.pool, now)).toMatchObject([
      { result: 'failed', error: { code: 'unavailable' } },
    ]);
    const { rows } = await database.pool.query('select 1 from analytics.delivered_charges');
    expect(rows).toEqual([]);
    while ((await rollUp(database.pool)) > 0);
    expect(await closeAll(database.pool, now)).toMatchObject([{ result: 'closed' }]);
  });

  test('without any event is closed too, with an empty file', async () => {
    await schedule(database.pool, now, { from: '2026-08' });
    now = Date.UTC(2026, 10, 4);
    expect(await closeAll(database.pool, now)).toHaveLength(3);
    const file = await monthFile(database.pool, '2026-09');
    expect(file.rows).toEqual([]);
    expect(file.reconciliation).toMatchObject({ reconciles: true, file: { events: '0' } });
  });
});

describe('after a month is closed', () => {
  test('its file never changes, and late events are corrections in the next', async () => {
    await store(usageAt('10-05T10:00'), usageAt('10-06T10:00', { clientId: 'search' }));
    await schedule(database.pool, now);
    now = Date.UTC(2026, 10, 4);
    await closeAll(database.pool, now);
    const first = await monthFile(database.pool, '2026-10');
    await store(usageAt('10-05T11:00'), usageAt('11-02T10:00'));
    now = Date.UTC(2026, 11, 4);
    await applyRetention({ ...usualRetention(database.pool), now });
    await closeAll(database.pool, now);
    expect((await monthFile(database.pool, '2026-10')).text).toBe(first.text);
    const next = await monthFile(database.pool, '2026-11');
    expect(short(next)).toEqual(['2026-10-05 1 0.012500000 Correction', '2026-11-02 1 0.012500000']);
    expect(next.rows[0]).toMatchObject({
      ...{ BillingPeriodStart: '2026-11-01T00:00:00Z', x_CorrectedPeriod: '2026-10', x_ClientId: 'chat' },
    });
    expect(next.open.manifest).toMatchObject({ corrections: 1, month: { bookedDays: ['2026-11-02'] } });
    expect(next.reconciliation).toMatchObject({ reconciles: true, file: { events: '2' } });
    now = Date.UTC(2027, 0, 4);
    await closeAll(database.pool, now);
    expect(short(await monthFile(database.pool, '2026-12'))).toEqual([]);
  });

  test('a nano-dollar and billions of dollars are exact in its file and in its corrections', async () => {
    const dear = Array.from({ length: 1_200 }, () => usageAt('10-05T10:00', { costEstimateCents: 1e8 }));
    await store(...dear, usageAt('10-06T10:00', { costEstimateCents: 0.0000001 }));
    await schedule(database.pool, now);
    now = Date.UTC(2026, 10, 4);
    await closeAll(database.pool, now);
    const first = await monthFile(database.pool, '2026-10');
    expect(short(first)).toEqual(['2026-10-05 1200 1200000000.000000000', '2026-10-06 1 0.000000001']);
    expect(first.reconciliation).toMatchObject({ reconciles: true, file: { cost: '1200000000000000001' } });
    await store(...dear.map((event) => ({ ...event, eventId: crypto.randomUUID() })));
    await store(usageAt('10-06T11:00', { costEstimateCents: 0.0000001 }));
    now = Date.UTC(2026, 11, 4);
    await closeAll(database.pool, now);
    const next = await monthFile(database.pool, '2026-11');
    expect(short(next)).toEqual([
      '2026-10-05 1200 1200000000.000000000 Correction',
      '2026-10-06 1 0.000000001 Correction',
    ]);
    expect(next.reconciliation).toMatchObject({ reconciles: true, file: { cost: '1200000000000000001' } });
  });

  test('a repricing is a correction without requests', async () => {
    await store(makeJob({ orgId: 'acme', occurredAt: at('10-05T10:00'), provider: 'tripo', pipeline: '3d' }));
    await schedule(database.pool, now);
    now = Date.UTC(2026, 10, 4);
    await closeAll(database.pool, now);
    await putPrice(database.pool, { provider: 'tripo', effectiveFrom: '2026-10-01', centsPerJob: 3 });
    const range = { from: new Date(at('10-01T00:00')), to: new Date(at('11-01T00:00')) };
    await reprice(database.pool, range, { caller, clock: systemClock });
    now = Date.UTC(2026, 11, 4);
    await closeAll(database.pool, now);
    expect(short(await monthFile(database.pool, '2026-11'))).toEqual(['2026-10-05 0 0.030000000 Correction']);
    const { rows } = await database.pool.query(
      'select reason from analytics.delivered_charges where reason is not null',
    );
    expect(rows).toEqual([{ reason: 'repricing' }]);
  });

  test('a person may reopen it: revision 2 has what later files have not told', async () => {
    await store(usageAt('10-05T10:00'));
    await schedule(database.pool, now);
    now = Date.UTC(2026, 10, 4);
    await closeAll(database.pool, now);
    const first = await monthFile(database.pool, '2026-10');
    await store(usageAt('10-05T11:00'));
    now = Date.UTC(2026, 11, 4);
    await closeAll(database.pool, now);
    await store(usageAt('10-07T11:00'));
    const clock = { now: () => now };
    const wanted = {
      orgId: 'acme',
      dataset: 'focus' as const,
      month: Date.UTC(2026, 9, 1),
      note: 'a lost file',
    };
    const again = { pool: database.pool, clock, issuer: 'Example Ltd' };
    const byKey = { ...person, actor: { ...person.actor, via: 'api_key' as const } };
    expect(() => reopenMonth(again, wanted, byKey)).toThrow('A person reopens a month');
    expect(await reopenMonth(again, wanted, person)).toBe(2);
    expect((await monthFile(database.pool, '2026-10')).text).toBe(first.text);
    const second = await monthFile(database.pool, '2026-10', { revision: 2 });
    expect(short(second)).toEqual(['2026-10-05 1 0.012500000', '2026-10-07 1 0.012500000']);
    const { rows } = await database.pool.query(
      `select actor_id, subject, after from analytics.audit_log where action = 'export_period.reopen'`,
    );
    expect(rows).toEqual([
      { actor_id: 'ada', subject: 'focus 2026-10', after: { revision: 2, note: 'a lost file' } },
    ]);
    now = Date.UTC(2027, 0, 4);
    await closeAll(database.pool, now);
    expect(short(await monthFile(database.pool, '2026-12'))).toEqual([]);
  });
});

test.each(['hourly', 'monthly'] as const)('a %s file is corrected by day or month', async (granularity) => {
  await store(usageAt('10-05T10:00'), usageAt('10-05T12:00'));
  await schedule(database.pool, now, { granularity, dataset: 'usage' });
  now = Date.UTC(2026, 10, 4);
  await closeAll(database.pool, now);
  await store(usageAt('10-05T11:00'));
  now = Date.UTC(2026, 11, 4);
  await closeAll(database.pool, now);
  const first = await monthFile(database.pool, '2026-10', { dataset: 'usage', granularity });
  expect(first.rows).toHaveLength(granularity === 'hourly' ? 2 : 1);
  const { rows } = await monthFile(database.pool, '2026-11', { dataset: 'usage', granularity });
  const [start, end] = granularity === 'hourly' ? ['10-05', '10-06'] : ['10-01', '11-01'];
  expect(rows).toEqual([
    expect.objectContaining({
      ...{ bucket_start: `2026-${start}T00:00:00Z`, bucket_end: `2026-${end}T00:00:00Z`, request_count: '1' },
      ...{ cost_total: '0.012500000', period: '2026-10', correction: 'true', client_id: 'chat' },
    }),
  ]);
});

describe('a schedule is refused', () => {
  test('if another one closes the months of its dataset, or its rows would change', async () => {
    await schedule(database.pool, now, { from: '2026-09' });
    now = Date.UTC(2026, 9, 4);
    await closeAll(database.pool, now);
    await expect(schedule(database.pool, now, { granularity: 'hourly' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(schedule(database.pool, now, { models: ['gpt-4o'] })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await schedule(database.pool, now)).schedule.nextPeriod).toBe(Date.UTC(2026, 9, 1));
  });

  test('if it begins too early or too late', async () => {
    for (const from of ['2025-09', '2026-11'])
      await expect(schedule(database.pool, now, { from })).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining(from),
      });
  });
});
