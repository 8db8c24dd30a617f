import { expect, test } from 'vitest';
import { zoneOfRecipient } from '../../../src/notifications/routing/recipient-zone.ts';
import { SECOND } from '../../../src/time.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService({ ROLES: 'api,ingest,worker', BUILT_IN_ALERTS: 'off' });
const SETTINGS = '/analytics/v1/orgs/acme/settings';
const ADMIN = '/api/v1/analytics';

test('an org has a time zone, which those who change rules set, and each change is audited', async () => {
  const [engineer, finance] = await Promise.all([
    tokenOf(['engineer'], ['acme'], 'eve'),
    tokenOf(['finance'], ['acme'], 'fay'),
  ]);
  const put = (timezone: unknown, token = engineer) =>
    service.call(SETTINGS, { method: 'PUT', token, body: { timezone } });
  expect((await service.call(SETTINGS, { token: engineer })).json).toEqual({ orgId: 'acme', timezone: null });
  expect((await put('Asia/Tokyo', finance)).status).toBe(403);
  const refused = await put('IST');
  expect(refused.status).toBe(400);
  expect(refused.json.errors).toMatchObject([
    { path: '$.timezone', message: expect.stringContaining('IANA') },
  ]);
  expect((await put('Asia/Tokyo')).json).toEqual({ orgId: 'acme', timezone: 'Asia/Tokyo' });
  expect((await service.call(SETTINGS, { token: engineer })).json.timezone).toBe('Asia/Tokyo');
  const other = await service.call('/analytics/v1/orgs/other/settings', { token: engineer });
  expect(other.status).toBe(403);
  const audit = await service.call(`${ADMIN}/audit?orgId=acme&action=org.timezone`, {
    token: await tokenOf(['admin']),
  });
  expect(audit.json.entries ?? audit.json).toMatchObject([
    { actorId: 'eve', before: { timezone: null }, after: { timezone: 'Asia/Tokyo' } },
  ]);
});

test('recipients whose preference names no zone have that of their org', async () => {
  const { pool } = service.database;
  const zone = (recipient: string, orgId: string | null = 'acme') =>
    zoneOfRecipient(pool, { orgId, channel: 'email', recipient });
  const token = await tokenOf(['admin']);
  for (const [id, timezone] of [
    ['ben', null],
    ['cem', 'Europe/Berlin'],
  ] as const) {
    const { status } = await service.call(`${ADMIN}/notifications/preferences/users/${id}?orgId=acme`, {
      method: 'PUT',
      token,
      body: { email: `${id}@example.com`, timezone },
    });
    expect(status).toBeLessThan(300);
  }
  expect(await zone('ben@example.com')).toBe('Asia/Tokyo');
  expect(await zone('cem@example.com')).toBe('Europe/Berlin');
  expect(await zone('nobody@example.com')).toBe('Asia/Tokyo');
  expect(await zone('nobody@example.com', null)).toBe('UTC');
});

test('an anomaly rule without a zone, and its preview, go by the clocks of the org', async () => {
  const token = await tokenOf(['admin']);
  const rule = {
    orgId: 'acme',
    name: 'Unusual',
    metric: 'usage.count',
    type: 'anomaly',
    windowSeconds: 900,
    intervalSeconds: 5,
  };
  expect((await service.call(`${ADMIN}/alerts/configs/preview`, { token, body: rule })).status).toBe(200);
  const made = await service.call(`${ADMIN}/alerts/configs`, { token, body: rule });
  expect(made.json.timezone).toBeNull();
  const evaluated = async () =>
    (await service.call(`${ADMIN}/alerts/configs/${made.json.id}`, { token })).json;
  await expect.poll(async () => (await evaluated()).lastEvaluatedAt, { timeout: 60 * SECOND }).not.toBeNull();
  expect((await evaluated()).failure).toBeNull();
});
