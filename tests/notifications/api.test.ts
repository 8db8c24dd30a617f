import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeNotice } from '../support/alerting/notices.ts';
import { fireAlert, ownName } from '../support/alerting/outbox.ts';
import { answering, type HttpReceiver, startReceiver } from '../support/servers/http-receiver.ts';
import { tokenOf, useService } from '../support/service/service.ts';

const service = useService({ OUTBOUND_ALLOW: '127.0.0.1' });
const base = '/api/v1/analytics/notifications';
let hook: HttpReceiver;
beforeAll(async () => {
  hook = await startReceiver();
});
afterAll(() => hook.close());

async function call(
  path: string,
  {
    as,
    ...given
  }: { as?: [Parameters<typeof tokenOf>[0], string[], string?]; method?: string; body?: unknown } = {},
) {
  return service.call(`${base}${path}`, { ...given, ...(as && { token: await tokenOf(...as) }) });
}

/** Creates an in-app notice for one person, or for everyone, and returns its id. */
async function notify(orgId: string | null, recipient = '*'): Promise<string> {
  const { pool } = service.database;
  const notice = makeNotice({ orgId });
  const alertId = await fireAlert(pool, notice);
  const { rows } = await pool.query<{ id: string }>(
    `insert into analytics.in_app_notifications (alert_id, notice, org_id, recipient, severity, payload, created_at)
     values ($1, 'firing', $2, $3, 'critical', $4, now()) returning id::text`,
    [alertId, orgId, recipient, JSON.stringify({ ...notice, alertId })],
  );
  return rows[0]?.id ?? '';
}

describe('in-app notices', () => {
  test('are listed for people of the org, and marked as read for each person alone', async () => {
    const org = ownName();
    const [ada, bob] = [`ada ${org}`, `bob ${org}`];
    const [first, second] = [await notify(org), await notify(org)];
    const own = await notify(org, ada);
    await notify(ownName());
    await notify(null);
    const listed = async (who: string, query = '') => {
      const { json } = await call(query, { as: [['engineer'], [org], who] });
      return { unread: json.unread, ids: json.notifications.map(({ id }: { id: string }) => id) };
    };
    expect(await listed(ada)).toEqual({ unread: 3, ids: [own, second, first] });
    expect(await listed(bob)).toEqual({ unread: 2, ids: [second, first] });
    expect(await listed(ada, `?limit=1&before=${own}`)).toEqual({ unread: 3, ids: [second] });

    const read = (body: object) => call('/read', { body, as: [['engineer'], [org], ada] });
    expect((await read({ ids: [first, '999999999'] })).json).toEqual({ read: 1 });
    expect((await read({ ids: [first] })).json).toEqual({ read: 0 });
    expect(await listed(ada, '?unread=true')).toEqual({ unread: 2, ids: [own, second] });
    expect((await read({ all: true })).json).toEqual({ read: 2 });
    expect(await listed(ada)).toMatchObject({ unread: 0 });
    expect(await listed(bob)).toMatchObject({ unread: 2 });
  });

  test('of one org are listed and marked as read, if the query names it', async () => {
    const [acme, globex] = [ownName(), ownName()];
    const as = [['engineer'], [acme, globex], `ada ${acme}`] as [['engineer'], string[], string];
    const own = await notify(acme);
    await notify(globex);
    expect((await call(`?orgId=${acme}`, { as })).json).toMatchObject({
      unread: 1,
      notifications: [{ id: own }],
    });
    expect((await call(`/read?orgId=${acme}`, { body: { all: true }, as })).json).toEqual({ read: 1 });
    expect((await call('', { as })).json).toMatchObject({ unread: 1 });
    expect((await call(`?orgId=${ownName()}`, { as })).status).toBe(403);
    expect((await call(`/deliveries?orgId=${ownName()}`, { as })).status).toBe(403);
    const all = (await call('?orgId=*')).json.notifications.length;
    expect(all).toBe((await call('')).json.notifications.length);
  });

  test('are closed to callers who may not read alerts', async () => {
    expect((await call('', { as: [['business_viewer'], ['acme']] })).status).toBe(403);
    expect((await call('/read', { body: {}, as: [['engineer'], ['acme']] })).status).toBe(400);
  });
});

describe('preferences', () => {
  const put = (path: string, body: object, as: [Parameters<typeof tokenOf>[0], string[], string?]) =>
    call(`/preferences/${path}`, { method: 'PUT', body, as });

  test('are set by people for themselves, and for others by callers who may write alerts of their orgs', async () => {
    const org = ownName();
    const body = {
      email: 'ada@acme.example',
      quietHours: { from: '22:00', to: '07:00', timezone: 'Europe/Berlin' },
    };
    const set = await put('users/ada', body, [['engineer'], [org], 'ada']);
    expect(set.status).toBe(200);
    expect(set.json).toMatchObject({
      ...body,
      orgId: org,
      kind: 'user',
      id: 'ada',
      phone: null,
      channels: { info: [], warning: ['email'], critical: ['email'] },
      version: 1,
      updatedBy: 'ada',
    });
    expect((await put('teams/night', { phone: '+4915112345678' }, [['org_admin'], [org]])).status).toBe(200);
    const list = (await call('/preferences', { as: [['engineer'], [org]] })).json.preferences;
    expect(list.map(({ kind, id }: { kind: string; id: string }) => `${kind} ${id}`)).toEqual([
      'team night',
      'user ada',
    ]);

    const stranger = [['org_admin'], ['other'], 'eve'] as [Parameters<typeof tokenOf>[0], string[], string];
    expect((await call('/preferences/users/ada', { as: stranger })).status).toBe(404);
    expect((await put(`users/ada?orgId=${org}`, {}, stranger)).status).toBe(403);
    expect((await call('/preferences/teams/night', { method: 'DELETE', as: stranger })).status).toBe(404);
    expect((await put('users/eve?orgId=*', {}, stranger)).status).toBe(403);
    expect(
      (await call('/preferences/users/ada', { method: 'DELETE', as: [['engineer'], [org], 'ada'] })).status,
    ).toBe(204);
    expect((await call('/preferences/users/ada', { as: [['engineer'], [org], 'ada'] })).status).toBe(404);
    const { rows } = await service.database.pool.query(
      `select action, subject, before is not null as had, after is not null as has
       from analytics.audit_log where subject in ('user ada', 'team night') order by id`,
    );
    expect(rows).toEqual([
      { action: 'notification_preference.set', subject: 'user ada', had: false, has: true },
      { action: 'notification_preference.set', subject: 'team night', had: false, has: true },
      { action: 'notification_preference.remove', subject: 'user ada', had: true, has: false },
    ]);
  });

  test('of one name in two orgs have nothing to do with each other', async () => {
    const [acme, globex] = [ownName(), ownName()];
    const people = [
      { org: acme, email: 'bob@acme.example' },
      { org: globex, email: 'bob@globex.example' },
    ];
    for (const { org, email } of people) {
      for (const path of ['users/bob', 'teams/sre']) {
        const set = await put(path, { email }, [['engineer'], [org], 'bob']);
        expect(set).toMatchObject({ status: 200, json: { orgId: org, email, version: 1 } });
      }
    }
    const reading = (org: string) => call('/preferences/teams/sre', { as: [['engineer'], [org], 'bob'] });
    const gone = await call('/preferences/teams/sre', { method: 'DELETE', as: [['engineer'], [globex]] });
    expect(gone.status).toBe(204);
    expect((await reading(acme)).json).toMatchObject({ email: 'bob@acme.example' });
    const refused = await reading(globex);
    expect(refused.status).toBe(404);
    expect(refused.text).not.toContain(acme);
    // Who has both orgs names one of them.
    const both = await put('users/bob', {}, [['engineer'], [acme, globex], 'bob']);
    expect(both).toMatchObject({ status: 400, json: { errors: [{ path: 'orgId' }] } });
  });

  test('that use a channel without its address are refused, each address by name', async () => {
    const channels = { info: [], warning: ['slack'], critical: ['slack', 'email', 'sms'] };
    const given = { email: 'ada@acme.example', channels };
    const { status, json } = await put('users/x', given, [['engineer'], ['acme'], 'x']);
    expect(status).toBe(400);
    expect(json.errors).toEqual([
      { path: '$.slack', message: 'must be given: channels.warning, channels.critical name slack' },
      { path: '$.phone', message: 'must be given: channels.critical names sms' },
    ]);
  });

  test.each([
    [{ email: 'a@b@c' }, '$.email'],
    [{ email: 'a@b.example\r\nBcc: eve@evil.example' }, '$.email'],
    [{ email: 'a\u0000b@acme.example' }, '$.email'],
    [{ phone: '0151 1234' }, '$.phone'],
    [{ slack: 'https://hooks.slack.com/x' }, '$.slack'],
    [{ channels: { info: [], warning: ['pigeon'], critical: [] } }, '$.channels.warning[0]'],
    [{ quietHours: { from: '25:00', to: '07:00', timezone: 'UTC' } }, '$.quietHours'],
    [{ quietHours: { from: '22:00', to: '07:00', timezone: 'Mars' } }, '$.quietHours.timezone'],
    [{ orgs: ['acme'] }, '$'],
    [{ fax: '1' }, '$'],
  ])('%j is refused by name', async (given, path) => {
    const answer = await put('users/x', given, [['engineer'], ['acme'], 'x']);
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].path).toContain(path);
  });
});

describe('webhooks', () => {
  test('are created with a secret that is shown once, used, and removed', async () => {
    const org = ownName();
    const as: [Parameters<typeof tokenOf>[0], string[]] = [['org_admin'], [org]];
    const made = await call('/webhooks', { body: { name: 'pager', url: hook.url }, as });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      orgId: org,
      name: 'pager',
      url: hook.url,
      secret: expect.stringMatching(/^whsec_/),
    });
    expect((await call('/webhooks', { body: { name: 'pager', url: hook.url }, as })).status).toBe(409);
    const listed = await call('/webhooks', { as });
    expect(listed.json.webhooks).toMatchObject([{ name: 'pager' }]);
    expect(listed.text).not.toContain('whsec_');

    const tried = await call('/channels/webhook/test', { body: { to: 'pager' }, as });
    expect(tried.json).toEqual({ delivered: true, providerId: null });
    expect(JSON.parse(hook.received.at(-1)?.body ?? '')).toMatchObject({ type: 'alert.test' });
    hook.react(answering(503, {}, 'closed for today'));
    const failed = await call('/channels/webhook/test', { body: { to: 'pager' }, as });
    expect(failed).toMatchObject({
      status: 502,
      json: { code: 'delivery_failed', detail: 'the webhook answered 503: closed for today' },
    });
    hook.react(answering(200));

    const elsewhere: typeof as = [['org_admin'], [ownName()]];
    expect(
      (await call('/channels/webhook/test', { body: { to: 'pager' }, as: elsewhere })).json.detail,
    ).toContain('no webhook');
    expect((await call('/webhooks/pager', { method: 'DELETE', as: elsewhere })).status).toBe(404);
    expect((await call('/webhooks/pager', { method: 'DELETE', as })).status).toBe(204);
    expect((await call('/webhooks', { as })).json.webhooks).toEqual([]);
  });

  test.each([
    [{ name: 'default', url: 'https://a.example' }, '$.name'],
    [{ name: 'Pager!', url: 'https://a.example' }, '$.name'],
    [{ name: 'pager', url: 'ftp://a.example' }, '$.url'],
    [{ name: 'pager', url: 'https://user:secret@a.example' }, '$.url'],
    [{ name: 'pager', url: 'http://:p@a.example' }, '$.url'],
    [{ name: 'pager', url: 'a.example' }, '$.url'],
    // OUTBOUND_ALLOW allows only 127.0.0.1.
    [{ name: 'pager', url: 'http://169.254.169.254/latest' }, '$.url'],
    [{ name: 'pager', url: 'https://10.1.2.3' }, '$.url'],
    [{ name: 'pager', url: 'http://0x7f.2/' }, '$.url'],
    [{ name: 'pager', url: 'http://[fe80::1]/' }, '$.url'],
  ])('%j is refused by name', async (body, path) => {
    const answer = await call('/webhooks', { body, as: [['org_admin'], ['acme']] });
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].path).toBe(path);
  });

  test('are closed to callers who may only read', async () => {
    expect((await call('/webhooks', { as: [['finance'], ['acme']] })).status).toBe(403);
  });
});

test('a test of a channel that is not set up names the missing setting', async () => {
  const answer = await call('/channels/email/test', { body: { to: 'ada@acme.example' } });
  expect(answer).toMatchObject({ status: 502, json: { detail: 'email is not set up; SMTP_URL is not set' } });
  expect((await call('/channels/pigeon/test', { body: { to: 'x' } })).status).toBe(400);
});

test.each([
  ['sms', '123', 'a phone number in international form, such as +4915112345678'],
  ['email', 'ada@acme.example\r\nBcc: eve@evil.example', 'an email address, such as oncall@example.com'],
  ['email', 'ada', 'an email address'],
  ['slack', 'https://hooks.slack.com/x', 'the name of a destination'],
  ['webhook', 'https://hooks.acme.example', 'the name of a destination'],
  ['in_app', 'ada\n', 'the id of a user'],
])('a test of %s to %j is refused', async (channel, to, expected) => {
  const answer = await call(`/channels/${channel}/test`, { body: { to } });
  expect(answer).toMatchObject({
    status: 400,
    json: { errors: [{ path: '$.to', message: expect.stringContaining(`must be ${expected}`) }] },
  });
});

test('an in-app test is shown only to its recipient', async () => {
  const org = ownName();
  const [ada, bob] = [`ada ${org}`, `bob ${org}`];
  const tried = await call('/channels/in_app/test', { body: { to: ada }, as: [['org_admin'], [org]] });
  expect(tried).toMatchObject({ status: 200, json: { delivered: true, providerId: expect.any(String) } });
  const seenBy = async (who: string) =>
    (await call('', { as: [['engineer'], [org], who] })).json.notifications;
  expect(await seenBy(ada)).toMatchObject([
    { id: tried.json.providerId, notice: { kind: 'test', orgId: org } },
  ]);
  expect(await seenBy(bob)).toEqual([]);
});
