import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DemoApi } from '../../src/demo/api.ts';
import { fillHistory } from '../../src/demo/fill-history.ts';
import { readLastDay, untilRolledUp } from '../../src/demo/last-day.ts';
import { openLiveClient } from '../../src/demo/live-client.ts';
import { runLiveTraffic } from '../../src/demo/live-traffic.ts';
import { ProgressFile } from '../../src/demo/progress-file.ts';
import { demoOrgs } from '../../src/demo/world.ts';
import { publicTypes } from '../../src/events/catalogue.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { DAY, HOUR, MINUTE } from '../../src/time.ts';
import { runCommand } from '../support/service/run-command.ts';
import { tokenOf, useService } from '../support/service/service.ts';

const service = useService();
const now = Math.floor(Date.now() / HOUR) * HOUR - 30 * MINUTE;
const running = new AbortController().signal;
let api: DemoApi;
let dataDir: string;
let progress: ProgressFile;

beforeAll(async () => {
  api = new DemoApi(
    service.origin,
    await tokenOf(
      ['admin'],
      demoOrgs.map(({ orgId }) => orgId),
    ),
  );
  dataDir = await mkdtemp(join(tmpdir(), 'tidemark-demo-'));
  progress = new ProgressFile(dataDir);
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

function fill(from: number, to: number, stopRequested = running) {
  return fillHistory({ api, progress, wanted: { from, to }, stopRequested, onProgress: () => {} });
}

/** The stored events. An order and its lines are rows of one event. */
async function count(): Promise<number> {
  const { rows } = await service.database.pool.query<{ count: number }>(
    `select count(distinct (org_id, event_id)) from analytics.events`,
  );
  return rows[0]?.count ?? 0;
}

describe('the history of the demo', () => {
  const start = now - 30 * MINUTE - 2 * DAY;

  test('is accepted whole, and counts once if it is sent twice', async () => {
    const sent = await fill(start, now - DAY);
    expect(sent.rejected).toBe(0);
    expect(sent.stored).toBeGreaterThan(1_000);
    expect(sent.duplicates).toBeGreaterThan(0);
    expect(await count()).toBe(sent.stored);
  });

  test('is continued where it ends, and filled where it begins later than wanted', async () => {
    const before = await count();
    expect((await fill(start, now)).stored).toBe((await count()) - before);
    const whole = await count();
    const earlier = await fill(start - 5 * HOUR, now);
    expect(earlier.stored).toBe((await count()) - whole);
    expect(earlier.stored).toBeGreaterThan(0);
    expect(await progress.read()).toEqual({ from: start - 5 * HOUR, to: now });
  });

  test('is the same when it is sent again', async () => {
    const whole = await count();
    await rm(join(dataDir, 'delivered.json'));
    const again = await fill(start - 5 * HOUR, now);
    expect(again).toMatchObject({ stored: 0, rejected: 0 });
    expect(again.duplicates).toBeGreaterThanOrEqual(whole);
    expect(await count()).toBe(whole);
  });

  test('has events of every type and org, late ones too, and no drift', async () => {
    while ((await rollUp(service.database.pool)) > 0);
    const { rows } = await service.database.pool.query<{ type: string; orgs: number; late: number }>(
      `select type, count(distinct org_id)::int as orgs,
         count(*) filter (where occurred_at < $1)::int as late
       from analytics.events group by 1`,
      [new Date(start - 5 * HOUR)],
    );
    expect(rows.map(({ type }) => type).sort()).toEqual(
      [...publicTypes.map(({ type }) => type), 'order_line'].sort(),
    );
    expect(rows.find(({ type }) => type === 'usage')).toMatchObject({ orgs: 3, late: expect.any(Number) });
    expect(rows.reduce((sum, { late }) => sum + late, 0)).toBeGreaterThan(0);
    expect((await reconcile(service.database.pool)).drifts).toEqual([]);
  });

  test('can be read through the API', async () => {
    await untilRolledUp(api, Date.now(), running);
    const days = await readLastDay(api, now);
    expect(days.map(({ orgId, modelId }) => `${orgId} ${modelId}`)).toEqual(
      demoOrgs.flatMap(({ orgId, models }) => models.map(({ modelId }) => `${orgId} ${modelId}`).sort()),
    );
    for (const day of days) {
      expect(day.requests).toBeGreaterThan(0);
      expect(day.latencyMs.p50).toBeLessThan(day.latencyMs.p99 ?? 0);
    }
  });
});

test('live traffic sends exactly the events that are due, with a key of its own, and goes on after a failure', async () => {
  const orgs = demoOrgs.map(({ orgId }) => orgId);
  const troubles: Error[] = [];
  await openLiveClient(api, orgs, () => {}).then((earlier) => earlier.close());
  const client = await openLiveClient(api, orgs, (error) => troubles.push(error));
  const { keys } = await api.get<{ keys: { name: string; revokedAt: string | null }[] }>(
    '/analytics/v1/api-keys',
  );
  expect(keys.filter(({ revokedAt }) => revokedAt === null)).toHaveLength(1);

  const stop = new AbortController();
  const before = await count();
  let stored = 0;
  vi.spyOn(globalThis, 'fetch').mockRejectedValueOnce(new Error('away'));
  await runLiveTraffic({
    client,
    progress,
    clock: { now: () => now + 20 * MINUTE },
    from: now,
    stopRequested: stop.signal,
    onStored: (total) => {
      stored = total;
      if (total > 0 && client.stats.queued === 0) stop.abort();
    },
  });
  expect(troubles).toHaveLength(1);
  expect(stored).toBe((await count()) - before);
  expect(client.stats).toMatchObject({ queued: 0, rejected: 0, dropped: 0 });
  // The same as a history that reaches as far.
  expect((await fill(now - HOUR, now + 20 * MINUTE)).stored).toBe(0);
});

test('tidemark demo passes on the settings of Prometheus and notifications', async () => {
  const { complaint, code } = await runCommand(['demo', '--once', '--data', join(dataDir, 'never')], {
    PATH: process.env.PATH ?? '',
    PROMETHEUS_URL: 'no url',
    SLACK_WEBHOOKS: 'none',
    TWILIO_BASE_URL: 'none',
    JWT_SECRET: 'too short',
  });
  expect(code).not.toBe(0);
  for (const name of ['PROMETHEUS_URL', 'SLACK_WEBHOOKS', 'TWILIO_BASE_URL'])
    expect(complaint).toContain(name);
  expect(complaint).not.toContain('JWT_SECRET');
});

test('tidemark demo fills a data directory of its own, shows the last day, and ends when told to', async () => {
  const data = join(dataDir, 'of-its-own');
  const demo = () =>
    runCommand(['demo', '--once', '--days', '1', '--data', data], {
      PATH: process.env.PATH ?? '',
      // Must not be read: the demo keeps away from real data.
      DATABASE_URL: 'postgres://127.0.0.1:1/precious',
      JWT_SECRET: 'too short',
    });
  const first = await demo();
  expect(first.complaint).toBe('');
  expect(first.output).toMatch(/ [\d,]+ events were stored and rolled up in/);
  expect(first.output).toMatch(/atelier +gemini-flash +[\d,]+ +[\d.]+ % +[\d,]+ +[\d,]+ +[\d,]+/);
  expect(first.code).toBe(0);
  const second = await demo();
  const stored = (output: string) =>
    Number(/([\d,]+) events were stored/.exec(output)?.[1]?.replaceAll(',', ''));
  expect(stored(second.output)).toBeLessThan(stored(first.output) / 10);
});
