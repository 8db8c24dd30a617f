/** Every change leaves a line in the audit log. A change that cannot be audited does not happen. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeNotice } from '../support/alerting/notices.ts';
import { fireAlert, ownName, putMessage } from '../support/alerting/outbox.ts';
import { answering, type HttpReceiver, startReceiver } from '../support/servers/http-receiver.ts';
import { runCommand } from '../support/service/run-command.ts';
import { useService } from '../support/service/service.ts';

const service = useService({ OUTBOUND_ALLOW: '127.0.0.1' });
const NOTIFICATIONS = '/api/v1/analytics/notifications';
const KEYS = '/analytics/v1/api-keys';
let hook: HttpReceiver;
beforeAll(async () => {
  hook = await startReceiver();
  hook.react(answering(200));
});
afterAll(() => hook.close());

/** Runs `work` while no line can be added to the audit log. */
async function withoutAuditLog<T>(work: () => Promise<T>): Promise<T> {
  await service.database.pool.query('alter table analytics.audit_log rename to audit_log_away');
  try {
    return await work();
  } finally {
    await service.database.pool.query('alter table analytics.audit_log_away rename to audit_log');
  }
}

async function rowsOf(table: string): Promise<unknown[]> {
  return (await service.database.pool.query(`select t.* from analytics.${table} t order by t::text`)).rows;
}

async function makeKey(): Promise<string> {
  return (await service.call(KEYS, { body: { name: 'gateway', role: 'ingest', orgs: ['acme'] } })).json.id;
}

async function makeWebhook(): Promise<string> {
  const name = ownName();
  await service.call(`${NOTIFICATIONS}/webhooks?orgId=acme`, { body: { name, url: hook.url } });
  return name;
}

async function makePreference(): Promise<string> {
  const id = ownName();
  const body = { email: 'ada@acme.example' };
  await service.call(`${NOTIFICATIONS}/preferences/users/${id}?orgId=globex`, { method: 'PUT', body });
  return id;
}

async function makeDeadMessage(): Promise<string> {
  const { pool } = service.database;
  const notice = makeNotice({ orgId: 'acme' });
  const alertId = await fireAlert(pool, notice);
  const to = { channel: 'webhook', recipient: 'pager' } as const;
  const id = await putMessage(pool, { alertId, ...to, at: new Date(), notice: { orgId: 'acme' } });
  await pool.query(`update analytics.notification_outbox set status = 'dead' where id = $1`, [id]);
  return id;
}

async function nothing(): Promise<string> {
  return ownName();
}

describe.each([
  {
    act: 'api_key.create',
    table: 'api_keys',
    given: nothing,
    call: (name: string) => ({ path: KEYS, body: { name, role: 'ingest', orgs: ['acme'] } }),
  },
  {
    act: 'api_key.revoke',
    table: 'api_keys',
    given: makeKey,
    call: (id: string) => ({ path: `${KEYS}/${id}`, method: 'DELETE' }),
  },
  {
    act: 'webhook.create',
    table: 'webhook_endpoints',
    given: nothing,
    call: (name: string) => ({
      path: `${NOTIFICATIONS}/webhooks?orgId=acme`,
      body: { name, url: hook.url },
    }),
  },
  {
    act: 'webhook.remove',
    table: 'webhook_endpoints',
    given: makeWebhook,
    call: (name: string) => ({ path: `${NOTIFICATIONS}/webhooks/${name}?orgId=acme`, method: 'DELETE' }),
  },
  {
    act: 'notification_preference.set',
    table: 'notification_preferences',
    given: makePreference,
    call: (id: string) => ({
      path: `${NOTIFICATIONS}/preferences/users/${id}?orgId=globex`,
      method: 'PUT',
      body: {},
    }),
  },
  {
    act: 'notification_preference.remove',
    table: 'notification_preferences',
    given: makePreference,
    call: (id: string) => ({
      path: `${NOTIFICATIONS}/preferences/users/${id}?orgId=globex`,
      method: 'DELETE',
    }),
  },
  {
    act: 'notification.replay',
    table: 'notification_outbox',
    given: makeDeadMessage,
    call: (id: string) => ({ path: `${NOTIFICATIONS}/deliveries/${id}/replay`, method: 'POST' }),
  },
  {
    act: 'notification.test',
    table: 'in_app_notifications',
    given: nothing,
    call: (to: string) => ({
      path: `${NOTIFICATIONS}/channels/in_app/test?orgId=acme`,
      body: { to },
    }),
  },
])('$act', ({ act, table, given, call }) => {
  const send = async (subject: string) => {
    const { path, ...rest } = call(subject);
    return service.call(path, rest);
  };
  const audited = async () =>
    (await rowsOf('audit_log')).filter((row) => (row as { action: string }).action === act).length;

  test('leaves a line, and changes nothing if the line cannot be written', async () => {
    const subject = await given();
    const before = await rowsOf(table);
    expect((await withoutAuditLog(() => send(subject))).status).toBe(500);
    expect(await rowsOf(table)).toEqual(before);

    const lines = await audited();
    expect((await send(subject)).status).toBeLessThan(300);
    expect(await rowsOf(table)).not.toEqual(before);
    expect(await audited()).toBe(lines + 1);
  });
});

test('the replay of a message is audited with the message and its org', async () => {
  const id = await makeDeadMessage();
  await service.call(`${NOTIFICATIONS}/deliveries/${id}/replay`, { method: 'POST' });
  const { rows } = await service.database.pool.query(
    'select actor_id, org_id, subject, route from analytics.audit_log where action = $1 and subject = $2',
    ['notification.replay', id],
  );
  const route = `POST ${NOTIFICATIONS}/deliveries/:id/replay`;
  expect(rows).toEqual([{ actor_id: 'test', org_id: 'acme', subject: id, route }]);
});

describe('tidemark keys', () => {
  const keys = (...args: string[]) => runCommand(['keys', ...args], { DATABASE_URL: service.database.url });

  test('neither create nor revoke a key that cannot be audited', async () => {
    const id = await makeKey();
    const before = await rowsOf('api_keys');
    const made = await withoutAuditLog(() => keys('create', '--name', 'gateway', '--org', 'acme'));
    const ended = await withoutAuditLog(() => keys('revoke', id));
    expect([made.code, ended.code]).toEqual([1, 1]);
    expect(made.output).not.toContain('tmk_');
    expect(await rowsOf('api_keys')).toEqual(before);
  });
});

test('concurrent changes of a preference are each audited with the version they replaced', async () => {
  const id = ownName();
  const set = (email: string) =>
    service.call(`${NOTIFICATIONS}/preferences/users/${id}?orgId=acme`, {
      method: 'PUT',
      body: { email },
    });
  await Promise.all([1, 2, 3, 4, 5, 6].map((n) => set(`ada${n}@acme.example`)));
  const { rows } = await service.database.pool.query<{ had: number | null; has: number }>(
    `select (before->>'version')::int as had, (after->>'version')::int as has
     from analytics.audit_log where subject = $1 order by id`,
    [`user ${id}`],
  );
  expect(rows).toEqual([null, 1, 2, 3, 4, 5].map((had) => ({ had, has: (had ?? 0) + 1 })));
});
