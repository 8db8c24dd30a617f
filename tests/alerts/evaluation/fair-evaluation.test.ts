import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../../src/alerts/configs/alert-configs.ts';
import { AlertEngine } from '../../../src/alerts/evaluation/engine.ts';
import { evaluateDue } from '../../../src/alerts/evaluation/evaluate-due.ts';
import type { Evaluator } from '../../../src/alerts/evaluation/evaluator.ts';
import { routeByPreference } from '../../../src/notifications/routing/route-notice.ts';
import { MINUTE, SECOND } from '../../../src/time.ts';
import { useUsageAlerts } from '../usage-alerts.ts';

const { database, evaluator, addConfig, calls, arrive, ingestion, later, query } = useUsageAlerts();
const patience = { timeout: 30 * SECOND, interval: 25 };

/** Rules of an org that are due and will fire. */
async function addFiring(orgId: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await addConfig({ name: `${orgId} ${index}`, intervalSeconds: 3_600 }, orgId);
  }
  await arrive(...calls('error', 9, { orgId }));
}

/** An evaluator that waits in each evaluation of an org with a firing alert. */
function waitingFor(waitOf: (orgId: string) => Promise<unknown>): Evaluator {
  return {
    ...evaluator(),
    route: async (client, notice) => {
      await waitOf(notice.orgId ?? '');
      return routeByPreference(client, notice);
    },
  };
}

/** Runs an engine in which every evaluation of the org that `isSlow` says hangs until the test ends. */
function startEngine(isSlow: (orgId: string) => boolean, used: Record<string, number> = {}): void {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const of = waitingFor(async (orgId) => {
    if (isSlow(orgId)) await released;
  });
  for (const [orgId, took] of Object.entries(used)) of.shares.rollups.end(orgId, took);
  const engine = new AlertEngine({ ...of, ingest: ingestion.ingest, ownOrg: 'tidemark' });
  engine.start();
  onTestFinished(() => {
    release();
    return engine.stop();
  });
}

async function firedOrgs(): Promise<string[]> {
  const rows = await query<{ org_id: string }>('select org_id from analytics.alert_history order by org_id');
  return rows.map(({ org_id }) => org_id);
}

test('a rule that hangs delays the rules of its own org alone', async () => {
  await addFiring('attacker', 5);
  later(SECOND);
  await addFiring('victim', 2);
  startEngine((orgId) => orgId === 'attacker');
  await expect.poll(firedOrgs, patience).toEqual(['victim', 'victim']);
});

test('orgs beyond their budget do not take both rounds', async () => {
  await addFiring('first', 2);
  await addFiring('second', 2);
  later(SECOND);
  await addFiring('victim', 1);
  startEngine((orgId) => orgId !== 'victim', { first: MINUTE, second: MINUTE });
  await expect.poll(firedOrgs, patience).toEqual(['victim']);
});

test('one rule of another org goes before the many due ones of an org that has used more time', async () => {
  await addFiring('attacker', 6);
  later(SECOND);
  await addFiring('victim', 1);
  later(SECOND);
  const order: string[] = [];
  const slow = waitingFor(async (orgId) => {
    order.push(orgId);
    if (orgId === 'attacker') await wait(400);
  });
  while (await evaluateDue(slow, 'rollups'));
  expect(order).toEqual(['attacker', 'victim', ...Array.from({ length: 5 }, () => 'attacker')]);
});

test('an org that is alone uses its budget up and goes on', async () => {
  await addFiring('busy', 3);
  later(SECOND);
  const of = evaluator();
  of.shares.rollups.end('busy', MINUTE);
  while (await evaluateDue(of, 'rollups'));
  expect(await firedOrgs()).toEqual(['busy', 'busy', 'busy']);
});

test('a rule says since when it waits', async () => {
  const { id } = await addConfig({ name: 'waits' });
  const setDue = (ago: number) =>
    database.pool.query('update analytics.alert_configs set next_evaluation_at = $1', [
      new Date(Date.now() - ago),
    ]);
  await setDue(MINUTE);
  const waiting = await readConfig(database.pool, id, 'all');
  expect(waiting.waitingSince).toBe(waiting.nextEvaluationAt);
  await setDue(0);
  expect(await readConfig(database.pool, id, 'all')).toMatchObject({ waitingSince: null });
  await setDue(MINUTE);
  await database.pool.query('update analytics.alert_configs set enabled = false');
  expect(await readConfig(database.pool, id, 'all')).toMatchObject({ waitingSince: null });
});
