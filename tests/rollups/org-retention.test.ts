import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keptRange } from '../../src/queries/events/kept-events.ts';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../src/rollups/grains.ts';
import { reconcileBooks } from '../../src/rollups/reconcile/books.ts';
import { differingColumns, reconcileDays } from '../../src/rollups/reconcile/days.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { rebuild } from '../../src/rollups/remake/rebuild.ts';
import { reprice } from '../../src/rollups/remake/reprice.ts';
import { setOrgRetention } from '../../src/rollups/upkeep/org-retention.ts';
import { applyRetention } from '../../src/rollups/upkeep/retention.ts';
import { DAY, HOUR, MINUTE, systemClock } from '../../src/time.ts';
import { usualRetention } from '../support/answers/retention.ts';
import { useDatabase } from '../support/database/database.ts';
import { sampleEvents } from '../support/events/event-samples.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { makeJob } from '../support/events/ml-jobs.ts';
import { caller, putPrice } from '../support/events/prices.ts';

const database = useDatabase();
const noon = Date.UTC(2026, 10, 18, 12);
let now = noon;
const ingestion = useIngestion(database, { now: () => now });
const makeUsage = usageMaker(9, noon);
let stored = 0;

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** One event of every type. */
function samplesOf(orgId: string, at: number) {
  stored++;
  return Object.values(sampleEvents(iso(at))).map((event) => ({
    ...event,
    orgId,
    eventId: `${event.eventId} ${orgId} ${stored}`,
  }));
}

function keep(orgId: string, ownDays: number | null) {
  return setOrgRetention(
    { orgId, ownDays, rawRetention: 7 * DAY },
    { pool: database.pool, clock: systemClock, caller, field: 'days' },
  );
}

function retain() {
  return applyRetention({ ...usualRetention(database.pool), now });
}

async function rollUpAll(): Promise<void> {
  while ((await rollUp(database.pool)) > 0);
}

/** The days with raw events of an org, and their number. */
async function rawDays(orgId: string): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ day: string; events: number }>(
    `select to_char(occurred_at at time zone 'UTC', 'MM-DD') as day, count(*)::int as events
     from analytics.events where org_id = $1 group by 1 order by 1`,
    [orgId],
  );
  return Object.fromEntries(rows.map(({ day, events }) => [day, events]));
}

async function drifts() {
  return [...(await reconcile(database.pool)).drifts, ...(await reconcileBooks(database.pool)).drifts];
}

async function numbers(): Promise<string[]> {
  const { rows } = await database.pool.query<{ line: string }>(
    `select concat_ws(' ', grain, r.org_id, series_key, to_char(bucket_start, 'MM-DD HH24:MI'), sum(count), sum(value_sum),
       sum(r.cost)) as line
     from analytics.rollups r join analytics.series s on s.org_id = r.org_id and s.series_id = r.series_id
     where grain in ('hour', 'day', 'week') group by grain, r.org_id, series_key, bucket_start
     having sum(count) <> 0 order by 1`,
  );
  return rows.map(({ line }) => line);
}

beforeEach(async () => {
  now = noon;
  const { rows } = await database.pool.query<{ names: string }>(
    `select string_agg('analytics.' || relname, ', ') as names from pg_class
     where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'p') and not relispartition
       and relname not in ('migrations', 'audit_log', 'installation', 'key_generations', 'series')`,
  );
  await database.pool.query(`truncate ${rows[0]?.names} cascade`);
});

describe('an org that keeps fewer days', () => {
  beforeEach(async () => {
    for (const ago of [5, 4, 3, 2, 0])
      for (const orgId of ['acme', 'globex']) await ingestion.store(...samplesOf(orgId, noon - ago * DAY));
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    await keep('acme', 3);
  });

  test('loses the raw events of its older days, and others do not', async () => {
    const before = await rawDays('acme');
    const figures = await numbers();
    await retain();
    // The 14th ended within three days of now, as the 15th and later did.
    expect(Object.keys(await rawDays('acme'))).toEqual(['11-15', '11-16', '11-18']);
    expect(await rawDays('globex')).toEqual(before);
    expect(await numbers()).toEqual(figures);
    expect(await drifts()).toEqual([]);
  });

  test('has the removed days in its books, and events of them that come late are counted and removed', async () => {
    await retain();
    await ingestion.store(...samplesOf('acme', noon - 5 * DAY), ...samplesOf('globex', noon - 4 * DAY));
    expect(await drifts()).toEqual([]);
    await retain();
    expect(Object.keys(await rawDays('acme'))).toEqual(['11-13', '11-15', '11-16', '11-18']);
    await rollUpAll();
    expect(await drifts()).toEqual([]);
    await retain();
    await promoteAll(database.pool, grainNamed('day'));
    expect(Object.keys(await rawDays('acme'))).toEqual(['11-15', '11-16', '11-18']);
    expect(await drifts()).toEqual([]);
    const days = await reconcileDays(database.pool, {
      ...{ orgId: 'acme', from: new Date(noon - 6.5 * DAY), to: new Date(noon - 0.5 * DAY) },
      types: ['usage'],
    });
    expect(days.map(({ day, source, raw }) => [iso(day.getTime()).slice(8, 10), source, raw.events])).toEqual(
      [
        ['13', 'book', 2n],
        ['14', 'book', 1n],
        ['15', 'raw', 1n],
        ['16', 'raw', 1n],
      ],
    );
    expect(days.flatMap(differingColumns)).toEqual([]);
  });

  test('is told so by a question about its events', async () => {
    await retain();
    const range = { start: noon - 6 * DAY, end: noon };
    const ask = (orgId: string, isNamed: boolean) => keptRange(database.pool, { orgId, range, isNamed });
    expect(await ask('globex', true)).toEqual(range);
    expect(await ask('acme', false)).toEqual({ start: Date.parse('2026-11-15T00:00Z'), end: noon });
    await expect(ask('acme', true)).rejects.toMatchObject({
      code: 'range_not_kept',
      message: expect.stringContaining('2026-11-15T00:00:00.000Z'),
    });
  });

  test('loses nothing while a day waits for its roll-up', async () => {
    await retain();
    await ingestion.store(...samplesOf('acme', noon - 3 * DAY));
    now = noon + DAY;
    await retain();
    const waiting = (await rawDays('acme'))['11-15'];
    expect(waiting).toBeGreaterThan(0);
    await rollUpAll();
    await retain();
    expect((await rawDays('acme'))['11-15']).toBeUndefined();
    expect(await drifts()).toEqual([]);
  });

  test('keeps what is left once it may keep more days again', async () => {
    await retain();
    await keep('acme', null);
    now = noon + 2 * DAY;
    await retain();
    expect(Object.keys(await rawDays('acme'))).toEqual(['11-15', '11-16', '11-18']);
    expect(await drifts()).toEqual([]);
  });

  test('stops a rebuild of days whose events it has not kept', async () => {
    await retain();
    await expect(
      rebuild(database.pool, { from: new Date(noon - 5 * DAY), to: new Date(noon) }),
    ).rejects.toMatchObject({ code: 'range_not_kept', message: expect.stringContaining('the org acme') });
    const figures = await numbers();
    await rebuild(database.pool, { from: new Date(noon - 3 * DAY), to: new Date(noon + DAY / 2) });
    expect(await numbers()).toEqual(figures);
    expect(await drifts()).toEqual([]);
  });
});

describe('a repricing', () => {
  const at = (ago: number, orgId: string) =>
    makeJob({ occurredAt: iso(noon - ago), orgId, provider: 'replicate', pipeline: '3d' });

  beforeAll(() => {
    now = noon;
  });

  test('changes the costs of orgs with raw events, and leaves those of the others', async () => {
    for (const orgId of ['acme', 'globex'])
      await ingestion.store(
        ...[4.2 * DAY, 4.3 * DAY, 2 * DAY + 17 * MINUTE, 3 * HOUR].map((ago) => at(ago, orgId)),
        makeUsage({ orgId, occurredAt: iso(noon - 4 * DAY) }),
      );
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    await keep('acme', 1);
    await retain();
    expect(Object.keys(await rawDays('acme'))).toEqual(['11-18']);
    await ingestion.store(at(4.1 * DAY, 'acme'));
    await rollUpAll();
    await putPrice(database.pool, { provider: 'replicate', effectiveFrom: '2026-11-01', centsPerJob: 2 });
    await reprice(
      database.pool,
      { from: new Date(noon - 6 * DAY), to: new Date(noon + DAY / 2) },
      { caller, clock: systemClock },
    );
    expect(await drifts()).toEqual([]);
    const { rows } = await database.pool.query(
      `select org_id, sum(count)::int as priced from analytics.rollups
       where grain = 'day' and type = 'ml_job' and cost is not null and count > 0 group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { org_id: '*', priced: 5 },
      { org_id: 'acme', priced: 1 },
      { org_id: 'globex', priced: 4 },
    ]);
    await retain();
    expect(Object.keys(await rawDays('acme'))).toEqual(['11-18']);
    expect(await drifts()).toEqual([]);
  });
});

describe('the setting', () => {
  test('is refused beyond what is kept of all orgs, with the reason', async () => {
    for (const days of [8, 0, 1.5, Number.NaN])
      await expect(keep('acme', days)).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringMatching(/from 1 to 7, since days of all orgs are removed together/),
      });
    await expect(keep('*', 2)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await keep('acme', 2)).toMatchObject({ ownDays: 2, days: 2, keptFrom: null });
    expect(await keep('acme', null)).toMatchObject({ ownDays: null, days: 7 });
  });

  test('is in the audit log', async () => {
    await keep('initech', 2);
    await keep('initech', 4);
    const { rows } = await database.pool.query(
      `select before, after from analytics.audit_log where action = 'org.retention' and org_id = 'initech' order by at`,
    );
    expect(rows).toEqual([
      { before: { rawRetentionDays: null }, after: { rawRetentionDays: 2 } },
      { before: { rawRetentionDays: 2 }, after: { rawRetentionDays: 4 } },
    ]);
  });
});
