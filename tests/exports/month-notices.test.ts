import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordCloseFailure } from '../../src/exports/periods/close-due.ts';
import { addMonths, monthStart, monthText } from '../../src/exports/periods/month.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { type HttpReceiver, startReceiver } from '../support/servers/http-receiver.ts';
import { tokenOf, useService } from '../support/service/service.ts';
import { schedule } from './month-files.ts';

const folder = await mkdtemp(join(tmpdir(), 'tidemark-notices-'));
const service = useService({
  ...{ ROLES: 'api,ingest,worker', EXPORT_DIR: folder, BUILT_IN_ALERTS: 'off' },
  OUTBOUND_ALLOW: '127.0.0.1',
});
const NOTIFICATIONS = '/api/v1/analytics/notifications';
const SCHEDULE = '/analytics/v1/orgs/acme/export-schedules/finance';
const last = addMonths(monthStart(Date.now()), -1);
const MONTH = monthText(last);
const body = { dataset: 'usage', monthly: { from: MONTH, closeAfter: '1m' } };
let hook: HttpReceiver;

beforeAll(async () => {
  hook = await startReceiver();
  const token = await tokenOf(['org_admin'], ['acme']);
  const made = await service.call(`${NOTIFICATIONS}/webhooks`, {
    ...{ token, body: { name: 'ledger', url: hook.url } },
  });
  expect(made.status).toBe(201);
});
afterAll(async () => {
  await hook.close();
  await rm(folder, { recursive: true, force: true });
});

async function noticesOf(orgId: string) {
  const token = await tokenOf(['org_admin'], [orgId]);
  const { json } = await service.call(NOTIFICATIONS, { token });
  return json.notifications.map(({ notice }: { notice: object }) => notice);
}

test('a schedule tells whom it names that a month is closed and its files are written', {
  timeout: 120_000,
}, async () => {
  const occurredAt = new Date(last + 3_600_000).toISOString();
  await service.call('/analytics/v1/events', { body: [makeUsage({ occurredAt })] });
  const notify = [{ channel: 'webhook', to: 'ledger' }, { channel: 'in_app' }];
  const put = await service.call(SCHEDULE, { method: 'PUT', body: { ...body, notify } });
  expect(put).toMatchObject({ status: 201, json: { notify } });
  await expect.poll(() => hook.received.length, { timeout: 90_000 }).toBe(1);
  const facts = { schedule: 'finance', dataset: 'usage', period: MONTH, revision: 1, corrections: 0 };
  const sent = JSON.parse(hook.received[0]?.body ?? '');
  expect(sent).toMatchObject({
    type: 'export.month_closed',
    data: { orgId: 'acme', severity: 'info', ...facts, summary: `Month ${MONTH} of usage is closed` },
  });
  expect(sent.data).not.toHaveProperty('threshold');
  const { json: job } = await service.call(`/analytics/v1/orgs/acme/exports/${sent.data.jobId}`);
  expect(job).toMatchObject({ status: 'succeeded' });
  expect(await noticesOf('acme')).toMatchObject([{ kind: 'month_closed', month: facts }]);
});

describe('a month that cannot be closed', () => {
  const inApp = [{ channel: 'in_app' as const }];

  test('is told once, at its second failure in a row, without the words of an error', async () => {
    const { pool } = service.database;
    const { schedule: made } = await schedule(pool, Date.now(), { orgId: 'failing', dataset: 'usage' });
    const fail = (failures: number) => {
      const failure = { error: new Error('secret'), now: Date.now() };
      return recordCloseFailure(pool, { ...made, failures, notify: inApp }, failure);
    };
    await fail(0);
    expect(await noticesOf('failing')).toEqual([]);
    // Two workers that fail at the same moment are one failure.
    await Promise.all([fail(1), fail(1)]);
    await fail(2);
    const notices = await noticesOf('failing');
    expect(notices).toMatchObject([
      {
        ...{ kind: 'month_failed', severity: 'warning', orgId: 'failing' },
        month: { dataset: 'usage', revision: null, failures: 2, failure: expect.stringContaining('log') },
      },
    ]);
    expect(JSON.stringify(notices)).not.toContain('secret');
  });
});

test.each([
  [[{ channel: 'pigeon' }], '$.notify[0].channel'],
  [[{ channel: 'email', to: 'nobody' }], '$.notify[0].to'],
  [[{ channel: 'slack', to: 'https://hooks.slack.com/x' }], '$.notify[0].to'],
  [Array.from({ length: 11 }, () => ({ channel: 'in_app' })), '$.notify'],
])('%j is refused by its field', async (notify, path) => {
  const { status, json } = await service.call(SCHEDULE, { method: 'PUT', body: { ...body, notify } });
  expect({ status, path: json.errors[0].path }).toEqual({ status: 400, path });
});
