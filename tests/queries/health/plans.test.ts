import { beforeAll, describe, expect, test } from 'vitest';
import { answerAlertsOverview } from '../../../src/alerts/history/overview.ts';
import { ALL_ORGS } from '../../../src/events/all-orgs.ts';
import { answerBusinessOverview } from '../../../src/queries/business/overview.ts';
import { answerRoutes } from '../../../src/queries/health/api.ts';
import { answerHealthOverview } from '../../../src/queries/health/overview.ts';
import { healthThresholds } from '../../../src/queries/health/status.ts';
import { answerHealthSeries } from '../../../src/queries/health/timeseries.ts';
import { answerMlOverview } from '../../../src/queries/ml/ml.ts';
import type { AdminQuestion } from '../../../src/queries/reading/admin-question.ts';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { listEventDays } from '../../../src/rollups/upkeep/event-days.ts';
import type { RealtimeSource } from '../../../src/telemetry/prometheus/realtime.ts';
import { DAY, HOUR } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import { useIngestion } from '../../support/events/ingestion.ts';
import { makeRequests } from '../../support/service/requests.ts';
import { explainedPool } from './explained-pool.ts';

const database = useDatabase();
const ingestion = useIngestion(database);
const now = Date.now();

/** The tables that a plan may read: rollups by grain, names of series, freshness and catalogues. */
const ALLOWED =
  /^(rollups_(minute|quarter_hour|hour|day|week)|series|folds|freshness_status|ingestion_batches|pg_\w+)$/;

beforeAll(async () => {
  await ingestion.store(...makeRequests(600, { end: now, span: 6 * DAY }));
  await rollUp(database.pool);
  await promoteAll(database.pool, grainNamed('week'));
  await ingestion.store(...makeRequests(100, { end: now, span: 2 * HOUR }));
  await rollUp(database.pool);
});

const thresholds = healthThresholds({ healthErrorPercent: 5, healthDownPercent: 50, healthLatency: 2_000 });
const unheard = { source: 'process', unreachable: [], requestRate: null, errorRate: null } as const;
const realtime = {
  read: async () => ({ ...unheard, latencyMs: { p50: null, p95: null, p99: null } }),
} as unknown as RealtimeSource;

function questionOver(length: number, orgId: string, granularity: AdminQuestion['granularity']) {
  return {
    orgId,
    range: { start: now - length, end: now },
    granularity,
    timezone: 'Asia/Kolkata',
    compare: undefined,
    now,
  };
}

describe.each(['acme', ALL_ORGS])('a query of %s', (orgId) => {
  test.each([
    [HOUR, 'minute'],
    [25 * HOUR, 'hour'],
    [7 * DAY, 'day'],
    [30 * DAY, 'week'],
  ] as const)('over %d ms reads rollups and no raw events', async (length, granularity) => {
    const explained = explainedPool(database.pool);
    const { pool } = explained;
    const question = questionOver(length, orgId, granularity);
    const filters = { route: '/search', method: undefined };
    const answers = [
      await answerHealthOverview({ database: pool, realtime, thresholds }, question),
      await answerHealthSeries(pool, { ...question, ...filters, metric: 'latency_p95' }),
      await answerRoutes(pool, {
        ...question,
        ...filters,
        sort: 'worst',
        order: 'desc',
        limit: 5,
        offset: 0,
      }),
    ];
    expect(answers).toHaveLength(3);
    expect(explained.queries.length).toBeGreaterThanOrEqual(4);
    expect([...explained.tables].filter((table) => !ALLOWED.test(table))).toEqual([]);
    expect([...explained.tables].some((table) => table.startsWith('rollups_'))).toBe(true);
    for (const sql of explained.queries) expect(sql).not.toMatch(/analytics\.events\b/);
  });
});

test('the other sections of the dashboard read no raw events either', async () => {
  const days = await listEventDays(database.pool);
  const raw = ['events', ...days.map(({ name }) => name.replace(/^\w+\./, ''))];
  expect(raw.length).toBeGreaterThan(1);
  const { pool, tables } = explainedPool(database.pool);
  for (const orgId of ['acme', ALL_ORGS]) {
    const question = { ...questionOver(30 * DAY, orgId, 'day'), compare: 'previous' as const };
    await answerMlOverview(pool, question);
    await answerBusinessOverview(pool, question);
    await answerAlertsOverview(pool, question);
  }
  expect([...tables].some((table) => table.startsWith('rollups_'))).toBe(true);
  expect(raw.filter((table) => tables.has(table))).toEqual([]);
});

test('this test would notice plans that read raw events', async () => {
  const { pool, tables } = explainedPool(database.pool);
  await pool.query('select count(*) from analytics.events where occurred_at > $1', [new Date(now - 2 * DAY)]);
  expect([...tables].some((table) => !ALLOWED.test(table))).toBe(true);
});
