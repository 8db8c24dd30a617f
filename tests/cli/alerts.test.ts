import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { rulesOfPack } from '../../src/alerts/configs/rule-pack.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { MINUTE } from '../../src/time.ts';
import { alertsOn } from '../support/alerting/alerts.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage, type UsageEvent } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { runCommand } from '../support/service/run-command.ts';

const database = useDatabase();

function install(...args: string[]) {
  return runCommand(['alerts', 'install', ...args], { DATABASE_URL: database.url });
}

async function kept(): Promise<{ org_id: string | null; name: string; enabled: boolean }[]> {
  const { rows } = await database.pool.query<{ org_id: string | null; name: string; enabled: boolean }>(
    'select org_id, name, enabled from analytics.alert_configs order by org_id, name',
  );
  return rows;
}

beforeEach(() =>
  database.pool.query(
    'truncate analytics.alert_configs, analytics.alert_states, analytics.alert_history, analytics.alert_transitions',
  ),
);

const names = [
  'Error rate spike',
  'High error rate',
  'High p95 latency',
  'High p99 latency',
  'Latency spike',
  'Numbers are delayed',
];

describe('tidemark alerts install', () => {
  test('adds the rules over all orgs, with an entry each in the audit log', async () => {
    const { code, output } = await install('s2');
    expect(code).toBe(0);
    expect(output).toContain('High error rate');
    expect((await kept()).map(({ org_id, name }) => [org_id, name])).toEqual(
      names.map((name) => [null, name]),
    );
    const { rows } = await database.pool.query<{ action: string; route: string }>(
      `select distinct action, route from analytics.audit_log where action like 'alert_config.%'`,
    );
    expect(rows).toEqual([{ action: 'alert_config.create', route: 'tidemark alerts install' }]);
  });

  test('again, leaves each rule as it is and brings back what is gone', async () => {
    await install('reliability');
    await database.pool.query(
      `update analytics.alert_configs set enabled = false where name = 'Latency spike'`,
    );
    await database.pool.query(`delete from analytics.alert_configs where name = 'High error rate'`);
    const { output } = await install('reliability');
    expect(output.match(/is there/g)).toHaveLength(5);
    expect((await kept()).filter(({ enabled }) => !enabled).map(({ name }) => name)).toEqual([
      'Latency spike',
    ]);
    expect(await kept()).toHaveLength(6);
  });

  test('adds them to the orgs that are named', async () => {
    await install('reliability', '--org', 'acme', 'other');
    expect((await kept()).map(({ org_id, name }) => [org_id, name])).toEqual([
      ...names.map((name) => ['acme', name]),
      ...names.map((name) => ['other', name]),
    ]);
  });

  test('--dry-run writes nothing', async () => {
    const { output } = await install('reliability', '--dry-run');
    expect(output.match(/would be added/g)).toHaveLength(6);
    expect(await kept()).toEqual([]);
  });

  test('a pack that is not there is refused, with those that are', async () => {
    const { code, complaint } = await install('everything');
    expect(code).not.toBe(0);
    expect(complaint).toContain('reliability');
  });
});

test('tidemark alerts silences list names the rules that each silence is for', async () => {
  const silences = (...args: string[]) =>
    runCommand(['alerts', 'silences', ...args], { DATABASE_URL: database.url });
  await install('reliability', '--org', 'acme');
  const end = ['--end', '2100-01-01T00:00:00Z'];
  await silences('add', '--org', 'acme', '--reason', 'of one', '--rule', 'Latency spike', ...end);
  await silences('add', '--org', 'acme', '--reason', 'of every rule', ...end);
  await silences('add', '--org', 'other', '--reason', 'of no rule', ...end);
  const { output } = await silences('list');
  expect(output).toMatch(/ {2}Latency spike +of one\n/);
  expect(output).toMatch(
    / {2}Error rate spike, High error rate, High p95 latency and 3 more +of every rule\n/,
  );
  expect(output).toMatch(/ {2}none +of no rule\n/);
});

describe('the rules of the pack', () => {
  const start = Math.floor(Date.now() / MINUTE) * MINUTE;
  let now = start;
  const clock = { now: () => now };
  const { store } = useIngestion(database, clock);
  const { evaluateAll, addConfig } = alertsOn(database, clock);

  /** Thirty requests a minute, of which so many fail; they take so long. */
  async function pass(minutes: number, failing: number, latencyMs: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute++) {
      const events = Array.from(
        { length: 30 },
        (_, n): UsageEvent =>
          makeUsage({
            eventId: randomUUID(),
            orgId: 'acme',
            modelId: 'gpt-4o',
            occurredAt: new Date(now).toISOString(),
            status: n < failing ? 'error' : 'success',
            latencyMs,
          }),
      );
      await store(...events);
      while ((await rollUp(database.pool)) > 0);
      now += MINUTE;
      await evaluateAll();
    }
  }

  async function fired(): Promise<string[]> {
    const { rows } = await database.pool.query<{ fired: string }>(
      `select distinct c.name || ' ' || h.group_key as fired
       from analytics.alert_history h join analytics.alert_configs c on c.id = h.config_id order by 1`,
    );
    return rows.map((row) => row.fired);
  }

  test('fire on errors and on latency, and not before', async () => {
    for (const rule of rulesOfPack('reliability', null)) await addConfig(rule, null);
    await pass(31, 0, 300);
    expect(await fired()).toEqual([]);
    await pass(18, 3, 6_000);
    const group = '{"org":"acme","modelId":"gpt-4o"}';
    expect(await fired()).toEqual(
      ['Error rate spike', 'High error rate', 'High p95 latency', 'High p99 latency', 'Latency spike'].map(
        (name) => `${name} ${group}`,
      ),
    );
  });
});
