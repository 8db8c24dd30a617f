import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { allowOrg, countOrg, type DeletionOptions, deleteOrg } from '../../src/erasure/delete-org.ts';
import { dispositionOf, readDispositions } from '../../src/erasure/dispositions.ts';
import { deletedAmong } from '../../src/orgs/deleted-orgs.ts';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { finestGrain, grainNamed, grains } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { compact } from '../../src/rollups/upkeep/compact.ts';
import { DAY, HOUR, MINUTE, systemClock } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { sampleEvents } from '../support/events/event-samples.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { runCommand } from '../support/service/run-command.ts';
import { allOrgsNumbers, tablesThatName } from './all-orgs-numbers.ts';

/** The org that is deleted, in one of two databases with the same events of the others. */
const DOOMED = 'globex';
const database = useDatabase();
const without = useDatabase();
const ingestion = useIngestion(database);
const ingestionWithout = useIngestion(without);
const makeUsage = usageMaker(11);
const now = Date.now();
const dyingDeletion = fileURLToPath(new URL('dying-deletion.ts', import.meta.url));

function options(more: Partial<DeletionOptions> = {}): DeletionOptions {
  return {
    pool: database.pool,
    clock: systemClock,
    caller: {
      actor: { id: 'operator', roles: ['admin'], orgs: [], via: 'command_line' },
      route: 'test',
      requestId: 'test',
    },
    ...more,
  };
}

async function deletedOf(orgIds: string[]): Promise<string[]> {
  const { rows } = await database.pool.query(`select ${deletedAmong(orgIds)} as deleted`);
  return rows[0].deleted;
}

function usages(orgId: string, count: number, ago: number) {
  return Array.from({ length: count }, () =>
    makeUsage({ orgId, modelId: `model-${count % 3}`, occurredAt: new Date(now - ago).toISOString() }),
  );
}

function samplesOf(orgId: string, ago: number) {
  return Object.values(sampleEvents(new Date(now - ago).toISOString())).map((event) => ({
    ...event,
    orgId,
    eventId: `${event.eventId} ${orgId}`,
  }));
}

/** Runs the deletion in a process that kills itself before a step. Resolves to the signal that ended it. */
async function killDeletionAt(step: string): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [dyingDeletion, DOOMED, step], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { DATABASE_URL: database.url },
  });
  const [, signal] = await once(child, 'exit');
  return signal;
}

async function storeEverything(): Promise<void> {
  for (const ago of [9 * DAY, 8 * DAY, 3 * DAY, 2 * HOUR]) {
    const others = [...usages('acme', 20, ago), ...usages('initech', 7, ago), ...samplesOf('acme', ago)];
    const doomed = [...usages(DOOMED, 13, ago), ...samplesOf(DOOMED, ago)];
    // One batch with all orgs, as the gathering of many callers makes them.
    await ingestion.store(...others.map((event) => ({ ...event })), ...doomed);
    await ingestionWithout.store(...others);
    for (const { pool } of [database, without]) {
      await rollUp(pool);
      await promoteAll(pool, ago === 3 * DAY ? grainNamed('hour') : grainNamed('week'));
    }
  }
}

/** Rows of the org in tables that events do not fill. */
async function addOtherRows(): Promise<void> {
  await database.pool.query(
    `insert into analytics.api_keys (id, secret_hash, name, role, orgs, created_at, created_by) values
       ('only', decode(repeat('00', 32), 'hex'), 'one', 'ingest', array[$1], now(), 'x'),
       ('both', decode(repeat('00', 32), 'hex'), 'two', 'ingest', array['acme', $1], now(), 'x')`,
    [DOOMED],
  );
  const { rows } = await database.pool.query<{ id: string }>(
    `insert into analytics.alert_configs (org_id, name, rule, metric, severity, enabled, on_data, interval_seconds,
       created_at, created_by, updated_at, updated_by, next_evaluation_at)
     select org, 'rule', '{}', 'usage.count', 'warning', true, false, 60, now(), 'x', now(), 'x', now()
     from unnest(array[$1, null]) as org returning id`,
    [DOOMED],
  );
  for (const [index, { id }] of rows.entries()) {
    const key = index === 0 ? '{}' : JSON.stringify({ org: DOOMED });
    await database.pool.query(
      `with made as (
         insert into analytics.alert_history (config_id, org_id, all_orgs, group_key, name, metric, severity, rule,
           pending_at, triggered_at, threshold, window_seconds, samples, evidence)
         values ($1, $2, $3, $4, 'rule', 'usage.count', 'warning', '{}', now(), now(), 1, 60, 1, '{}') returning id)
       insert into analytics.notification_outbox (alert_id, notice, org_id, channel, recipient, severity, payload,
         detected_at, not_before)
       select id, 'firing', $2, 'email', 'default', 'warning', jsonb_build_object('group', $4::text), now(), now() from made`,
      [id, index === 0 ? DOOMED : null, index > 0, key],
    );
    await database.pool.query(
      `insert into analytics.alert_states (config_id, group_key, condition, health, state, evaluated_at)
       values ($1, $2, 'normal', 'ok', '{}', now())`,
      [id, key],
    );
  }
  await database.pool.query(
    `insert into analytics.webhook_endpoints values ($1, 'hook', 'https://example.com', 'secret', now(), 'x')`,
    [DOOMED],
  );
}

beforeAll(async () => {
  await storeEverything();
  for (const { pool } of [database, without]) while ((await compact(pool, finestGrain)) > 0);
  await addOtherRows();
}, 60_000);

test('every table has a disposition, and those that name orgs in another way than by org_id have one of their own', async () => {
  const dispositions = await readDispositions(database.pool);
  const { rows } = await database.pool.query<{ name: string; columns: string[] }>(
    `select relname as name, array_agg(attname::text) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
     where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'p') and not relispartition group by 1`,
  );
  expect(dispositions.map(({ name }) => name).sort()).toEqual(rows.map(({ name }) => name).sort());
  const oddly = rows.filter(
    ({ columns }) => columns.some((column) => /org/.test(column)) && !columns.includes('org_id'),
  );
  // To add a table here, decide in src/erasure/dispositions.ts what a deletion does with it.
  expect(oddly.filter(({ name, columns }) => dispositionOf(name, columns) === 'kept')).toEqual([]);
});

describe('a deletion', () => {
  test('counts what it would delete, and changes nothing in a dry run', async () => {
    const counts = await countOrg(database.pool, DOOMED);
    expect(counts).toMatchObject({ webhook_endpoints: 1, api_keys: 2, alert_history: 2 });
    expect(counts.events).toBeGreaterThan(60);
    const dry = await runCommand(['orgs', 'delete', DOOMED, '--dry-run'], { DATABASE_URL: database.url });
    expect(dry).toMatchObject({ code: 0, output: expect.stringMatching(/events +\d+\n/) });
    expect((await countOrg(database.pool, DOOMED)).events).toBe(counts.events);
  });

  test('asks at the terminal, and does nothing without one', async () => {
    const { code, complaint } = await runCommand(['orgs', 'delete', DOOMED], { DATABASE_URL: database.url });
    expect(code).toBe(1);
    expect(complaint).toContain('add --yes');
    expect((await countOrg(database.pool, DOOMED)).events).toBeGreaterThan(60);
  });

  test('of all orgs together is refused', async () => {
    await expect(deleteOrg('*', options())).rejects.toThrow('cannot be deleted');
  });

  test('that is interrupted leaves true numbers of all orgs together, and refuses events of the org', async () => {
    const stop = (what: string) => {
      if (what.startsWith('day 2 of')) throw new Error('killed');
    };
    await expect(deleteOrg(DOOMED, options({ onStep: stop }))).rejects.toThrow('killed');
    const { drifts } = await reconcile(database.pool);
    // Its own shop data and the weeks come last.
    expect(drifts.filter(({ orgId, grain }) => orgId !== DOOMED && grain !== 'week')).toEqual([]);
    // A process that does not know of it yet finds out in the transaction, which stores nothing. The caller sends again.
    expect(await deletedOf(['acme', DOOMED])).toEqual([DOOMED]);
    const send = () => ingestion.store(...usages(DOOMED, 1, HOUR));
    expect(await send().catch(send)).toMatchObject({ stored: 0, rejected: 1 });
  });

  test('that is killed between any two kinds of steps can be run again', async () => {
    const steps = [
      'rolling up what waits',
      'day 1 of',
      'day 3 of',
      'notification_outbox',
      'series',
      'quota_use',
    ];
    for (const step of steps) {
      expect(await killDeletionAt(step)).toBe('SIGKILL');
      const { rows } = await database.pool.query(
        'select finished_at from analytics.org_deletions where org_id = $1',
        [DOOMED],
      );
      expect(rows).toEqual([{ finished_at: null }]);
      expect(await deletedOf([DOOMED])).toEqual([DOOMED]);
    }
  });

  test('goes on where it stopped, and leaves nothing that names the org', async () => {
    const removed = await deleteOrg(DOOMED, options());
    expect(removed).toMatchObject({
      alert_history: 2,
      notification_outbox: 2,
      webhook_endpoints: 1,
      api_keys: 2,
    });
    expect(removed.events).toBeGreaterThan(60);
    expect(await tablesThatName(database.pool, DOOMED)).toEqual([
      'audit_log',
      'org_deletions',
      'token_revocations',
    ]);
    expect(await countOrg(database.pool, DOOMED)).toEqual({});
  });

  test('leaves the numbers of all orgs together as if the org had never been there', async () => {
    for (const { pool } of [database, without]) await promoteAll(pool, grainNamed('week'));
    expect(await allOrgsNumbers(database.pool)).toEqual(await allOrgsNumbers(without.pool));
    expect((await allOrgsNumbers(database.pool)).length).toBeGreaterThan(grains.length * 4);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
  });

  test('revokes the keys of the org alone, and takes it from the others', async () => {
    const { rows } = await database.pool.query(
      'select id, orgs, revoked_at is not null as revoked from analytics.api_keys order by id',
    );
    expect(rows).toEqual([
      { id: 'both', orgs: ['acme'], revoked: false },
      { id: 'only', orgs: [], revoked: true },
    ]);
  });

  test('is in the audit log, when it begins and when it ends', async () => {
    const { rows } = await database.pool.query(
      `select action, after ->> 'webhook_endpoints' as hooks from analytics.audit_log where org_id = $1 order by id`,
      [DOOMED],
    );
    expect(rows).toEqual([
      { action: 'org.delete', hooks: null },
      { action: 'tokens.revoke', hooks: null },
      { action: 'org.deleted', hooks: '1' },
    ]);
  });
});

describe('events of a deleted org', () => {
  test('are refused by name, and those of others beside them are stored', async () => {
    const sent = await ingestion.store(...usages(DOOMED, 2, HOUR), ...usages('acme', 1, HOUR));
    expect(sent).toMatchObject({ stored: 1, rejected: 2 });
    expect(sent.errors[0]).toMatchObject({
      code: 'forbidden',
      detail: expect.stringContaining('was deleted'),
    });
  });

  test('are taken in again once the org is allowed, which takes a minute after the deletion', async () => {
    await expect(allowOrg(DOOMED, options())).rejects.toThrow(/has just finished; wait \d+ s/);
    await expect(allowOrg('acme', options())).rejects.toThrow('is not deleted');
    await allowOrg(DOOMED, options({ clock: { now: () => systemClock.now() + MINUTE } }));
    await expect
      .poll(() => ingestion.store(...usages(DOOMED, 1, HOUR)), { timeout: 20_000, interval: 500 })
      .toMatchObject({ stored: 1 });
    await rollUp(database.pool);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
  });
});
