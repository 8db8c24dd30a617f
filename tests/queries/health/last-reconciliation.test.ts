/** The last reconciliation, as the health of the system shows it. */
import { expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { reconcileLastDays, reconcileRecorded } from '../../../src/rollups/reconcile/recorded.ts';
import { DAY, HOUR, systemClock } from '../../../src/time.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const PATH = '/api/v1/analytics/health/reconciliation';
const now = Date.now();

async function last() {
  const { status, json } = await service.call(PATH);
  expect(status).toBe(200);
  return json.last;
}

function at(ago: number) {
  return makeUsage({ occurredAt: new Date(now - ago).toISOString() });
}

function record(startedBy: 'schedule' | 'command' = 'command') {
  return reconcileRecorded({ pool: service.database.pool, clock: systemClock, startedBy }, {});
}

test('the last reconciliation is shown, and what it found', async () => {
  const { pool } = service.database;
  expect(await last()).toBeNull();
  const { json } = await service.call('/analytics/v1/events', { body: [at(HOUR), at(3 * DAY)] });
  expect(json.stored).toBe(2);
  await rollUp(pool);

  await reconcileLastDays({ pool, clock: systemClock });
  expect(await last()).toMatchObject({
    ...{ startedBy: 'schedule', rowsCompared: 1, bookedDays: 0, reconciles: true, drifts: [] },
    seconds: expect.any(Number),
  });
  expect(Date.parse((await last()).start)).toBeGreaterThan(now - 3 * DAY);

  await pool.query(
    `update analytics.rollups set count = count + 1 where org_id = 'acme' and grain = 'minute'`,
  );
  const found = await record();
  expect(found.drifts.length).toBeGreaterThan(0);
  const shown = await last();
  expect(shown).toMatchObject({ startedBy: 'command', rowsCompared: 2, reconciles: false });
  expect(shown.drifts).toContainEqual({ type: 'usage', grain: 'hour', count: 2 });
  expect(JSON.stringify(shown)).not.toContain('acme');
});

test('a hundred reconciliations are kept', async () => {
  const { pool } = service.database;
  await pool.query(
    `insert into analytics.reconciliations
       (ended_at, seconds, started_by, range_from, range_to, rows_compared, booked_days, drifts)
     select now(), 0, 'command', now(), now(), 0, 0, '[]' from generate_series(1, 150)`,
  );
  await record('schedule');
  const { rows } = await pool.query(
    'select count(*)::int as n, max(reconciliation_id) - min(reconciliation_id) as span from analytics.reconciliations',
  );
  expect(rows).toEqual([{ n: 100, span: 99 }]);
  expect(await last()).toMatchObject({ startedBy: 'schedule' });
});

test('it is closed to callers who do not reach all orgs', async () => {
  const answer = await service.call(PATH, { token: await tokenOf(['engineer'], ['acme']) });
  expect({ status: answer.status, detail: answer.json.detail }).toEqual({
    status: 403,
    detail:
      'The last reconciliation is of all orgs together. This request needs a role that reaches all orgs, such as admin.',
  });
});
