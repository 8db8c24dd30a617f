import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { acknowledgeLinks } from '../../../src/notifications/outbox/acknowledge-link.ts';
import { signingKey } from '../../../src/notifications/signing-key.ts';
import { DAY, systemClock } from '../../../src/time.ts';
import { makeNotice } from '../../support/alerting/notices.ts';
import { putMessage } from '../../support/alerting/outbox.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService({ ROLES: 'api,ingest,worker' });
let alertId = '';
const patience = { timeout: 60_000, interval: 100 };
const alerts = '/api/v1/analytics/alerts';

beforeAll(async () => {
  const rule = {
    orgId: 'acme',
    name: '<b>Failing</b>',
    metric: 'usage.errors',
    type: 'threshold_above',
    threshold: 1,
    onData: true,
    intervalSeconds: 5,
    channels: [{ channel: 'in_app' }],
  };
  expect((await service.call(`${alerts}/configs`, { body: rule })).status).toBe(201);
  const events = Array.from({ length: 3 }, () =>
    makeUsage({ orgId: 'acme', status: 'error', errorCode: 'x', occurredAt: new Date().toISOString() }),
  );
  await service.call('/analytics/v1/events', { body: events });
  alertId = await vi.waitFor(async () => {
    const { json } = await service.call(`${alerts}/active?orgId=acme`);
    return json.alerts[0].id;
  }, patience);
});

/** The links in a message that was built this long ago. */
async function linksIn(kind: 'firing' | 'resolved', ago = 0, key?: Uint8Array) {
  const linksOf = acknowledgeLinks(
    'https://tidemark.example/',
    key ?? (await signingKey(service.database.pool, 'acknowledge')),
    { now: () => systemClock.now() - ago },
  );
  const leased = {
    id: '1',
    toldWith: '1',
    alertId,
    transitionId: '1',
    kind,
    orgId: 'acme',
    channel: 'email' as const,
    recipient: 'ada@acme.example',
    severity: 'warning' as const,
    notice: makeNotice({ alertId }),
    detectedAt: new Date(),
    createdAt: new Date(),
    attempts: 1,
  };
  return linksOf(leased, { isMany: false, isOver: kind === 'resolved' });
}

/** The path of the acknowledge link. */
async function link(ago = 0, key?: Uint8Array): Promise<string> {
  const { acknowledge = '' } = await linksIn('firing', ago, key);
  expect(acknowledge).toContain('https://tidemark.example/api/');
  return acknowledge.slice('https://tidemark.example'.length);
}

function press(path: string) {
  return service.call(path, {
    method: 'POST',
    token: null,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: '',
  });
}

async function workflow() {
  return (await service.call(`${alerts}/${alertId}`)).json;
}

describe('the link of a message', () => {
  test('shows the alert to anyone who has the link, and changes nothing', async () => {
    const shown = await service.call(await link(), { token: null });
    expect(shown.status).toBe(200);
    expect(shown.headers.get('content-type')).toContain('text/html');
    expect(shown.headers.get('content-security-policy')).toContain("form-action 'self'");
    expect(shown.text).toContain('&lt;b&gt;Failing&lt;/b&gt;');
    expect(shown.text).toContain('<button');
    const [, page = ''] = /href="([^"]+)"/.exec(shown.text) ?? [];
    const behindProxy = new URL(
      page,
      'https://host.example/base/api/v1/analytics/alerts/acknowledge?token=x',
    );
    expect(behindProxy.pathname).toMatch(/^\/base\/console\/alerts\/[\da-f-]{36}$/);
    expect(await workflow()).toMatchObject({ workflow: 'open' });
  });

  test.each([
    ['forged', () => link(0, new Uint8Array(32))],
    ['too old', () => link(8 * DAY)],
    ['no token at all', async () => `${alerts}/acknowledge?token=x`],
  ])('that is %s does not acknowledge the alert', async (_, make) => {
    const path = await make();
    for (const answer of [await service.call(path, { token: null }), await press(path)]) {
      expect(answer.status).toBe(404);
      expect(answer.headers.get('content-type')).toContain('text/html');
    }
    expect(await workflow()).toMatchObject({ workflow: 'open' });
  });

  test('acknowledges the alert once, through the button, in the name of its recipient', async () => {
    const path = await link();
    const pressed = await press(path);
    expect(pressed.status).toBe(200);
    expect(pressed.text).not.toContain('<button');
    expect(await workflow()).toMatchObject({
      workflow: 'acknowledged',
      acknowledgedBy: 'email:ada@acme.example',
    });
    expect((await press(path)).status).toBe(200);
    const { rows } = await service.database.pool.query(
      `select actor_id, actor_via from analytics.audit_log where action = 'alert.acknowledge'`,
    );
    expect(rows).toEqual([{ actor_id: 'email:ada@acme.example', actor_via: 'link' }]);
  });

  test('is missing in a message of the end, which only links to the alert', async () => {
    expect(await linksIn('resolved')).toEqual({
      alert: `https://tidemark.example/console/alerts/${alertId}`,
    });
  });

  test('asks the holder for no token, and is itself not one', async () => {
    const token = new URL(`http://x${await link()}`).searchParams.get('token') ?? '';
    expect((await service.call(`${alerts}/active`, { token })).status).toBe(401);
    expect((await service.call(`${alerts}/active`, { token: await tokenOf(['admin']) })).status).toBe(200);
  });
});

/** Two alerts that fire. @returns their ids */
async function fireTwo(): Promise<string[]> {
  const name = `Each ${randomUUID()}`;
  const rule = {
    ...{ orgId: 'acme', name, metric: 'usage.errors', type: 'threshold_above', threshold: 1 },
    ...{ groupBy: ['modelId'], onData: true, intervalSeconds: 5, channels: [{ channel: 'in_app' }] },
  };
  expect((await service.call(`${alerts}/configs`, { body: rule })).status).toBe(201);
  const events = ['m1', 'm2'].flatMap((modelId) =>
    Array.from({ length: 3 }, () =>
      makeUsage({ orgId: 'acme', modelId, status: 'error', occurredAt: new Date().toISOString() }),
    ),
  );
  await service.call('/analytics/v1/events', { body: events });
  return vi.waitFor(async () => {
    const { json } = await service.call(`${alerts}/active?orgId=acme`);
    const found = json.alerts.filter(
      (one: { name: string; group: { modelId?: string } }) =>
        one.name === name && /^m\d$/.test(one.group.modelId ?? ''),
    );
    expect(found).toHaveLength(2);
    return found.map(({ id }: { id: string }) => id);
  }, patience);
}

/** Two alerts that one delivery told, and the path of its link. */
async function told(): Promise<{ ids: string[]; path: string }> {
  const { pool } = service.database;
  const ids = await fireTwo();
  const messages: string[] = [];
  for (const id of ids)
    messages.push(
      await putMessage(pool, {
        alertId: id,
        channel: 'email',
        recipient: 'ada@acme.example',
        at: new Date(),
        // The worker of the service leaves them alone.
        heldUntil: new Date(Date.now() + DAY),
      }),
    );
  await pool.query('update analytics.notification_outbox set told_with = $1 where id = any($2::bigint[])', [
    messages[0],
    messages,
  ]);
  const key = await signingKey(pool, 'acknowledge');
  const links = await acknowledgeLinks(
    'https://tidemark.example/',
    key,
    systemClock,
  )(
    {
      ...{
        id: messages[0] ?? '',
        toldWith: messages[0] ?? '',
        alertId: ids[0] ?? null,
        transitionId: '1',
        kind: 'firing' as const,
      },
      ...{
        orgId: 'acme',
        channel: 'email' as const,
        recipient: 'ada@acme.example',
        severity: 'warning' as const,
      },
      ...{ notice: makeNotice(), detectedAt: new Date(), createdAt: new Date(), attempts: 1 },
    },
    { isMany: true, isOver: false },
  );
  expect(links.alert).toBe('https://tidemark.example/console/alerts');
  return { ids, path: (links.acknowledge ?? '').slice('https://tidemark.example'.length) };
}

describe('the link of a message about several alerts', () => {
  function send(path: string, body: string) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return service.call(path, { method: 'POST', token: null, headers, body });
  }

  async function workflows(ids: string[]): Promise<string[]> {
    return Promise.all(ids.map(async (id) => (await service.call(`${alerts}/${id}`)).json.workflow));
  }

  test('acknowledges one of them, then all, and no other alert', async () => {
    const { ids, path } = await told();
    const page = await service.call(path, { token: null });
    expect(page.text).toContain('Acknowledge all 2');
    expect(await workflows(ids)).toEqual(['open', 'open']);
    await send(path, `alert=${alertId}`);
    expect(await workflows(ids)).toEqual(['open', 'open']);
    await send(path, `alert=${ids[0]}`);
    expect(await workflows(ids)).toEqual(['acknowledged', 'open']);
    expect((await send(path, '')).text).toContain('acknowledged by email:ada@acme.example');
    expect(await workflows(ids)).toEqual(['acknowledged', 'acknowledged']);
  });
});
