import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { addMonths, monthStart, monthText } from '../../src/exports/periods/month.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { tokenOf, useService } from '../support/service/service.ts';

const folder = await mkdtemp(join(tmpdir(), 'tidemark-months-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const service = useService({ ROLES: 'api,ingest,worker', EXPORT_DIR: folder, BUILT_IN_ALERTS: 'off' });

/** Closed at once, whatever the day of this month. */
const last = addMonths(monthStart(Date.now()), -1);
const MONTH = monthText(last);
const ORG = '/analytics/v1/orgs/acme';
const body = { dataset: 'focus', monthly: { from: MONTH, closeAfter: '1m' }, formats: ['csv'] };

async function ask(path: string, options = {}) {
  return (await service.call(`${ORG}/${path}`, options)).json;
}

/** The text of a job's file, once it is written. */
async function fileOf(jobId: string): Promise<string> {
  await expect
    .poll(async () => (await ask(`exports/${jobId}`)).status, { timeout: 60_000 })
    .toBe('succeeded');
  const response = await fetch(`${service.origin}${ORG}/exports/${jobId}/download`, {
    headers: { authorization: `Bearer ${await tokenOf(['finance'], ['acme'])}` },
  });
  return response.text();
}

/** Sends events of last month, and waits until a schedule has closed and exported it. */
async function closeLastMonth(): Promise<{ status: number }> {
  const at = (hour: number) => new Date(last + hour * 3_600_000).toISOString();
  const events = [makeUsage({ occurredAt: at(5) }), makeUsage({ occurredAt: at(600) })];
  expect((await service.call('/analytics/v1/events', { body: events })).json.stored).toBe(2);
  const counted = async () => (await ask(`reconciliation?start=${new Date(last).toISOString()}`)).days.length;
  await expect.poll(counted, { timeout: 60_000 }).toBe(2);
  const made = await service.call(`${ORG}/export-schedules/months`, { method: 'PUT', body });
  const delivered = async () => (await ask('periods')).items[0]?.deliveredAt ?? null;
  await expect.poll(delivered, { timeout: 90_000 }).not.toBeNull();
  return made;
}

test('a schedule closes the month that is over, and has its files written', {
  timeout: 200_000,
}, async () => {
  expect(await closeLastMonth()).toMatchObject({ status: 201 });
  const { items, open } = await ask('periods');
  expect(items).toMatchObject([
    {
      period: MONTH,
      dataset: 'focus',
      revision: 1,
      final: true,
      closedBy: 'schedule months',
      rows: 2,
      corrections: 0,
    },
  ]);
  expect(items[0].reconciliation.raw).toEqual(items[0].reconciliation.rollups);
  expect(open).toMatchObject([{ period: monthText(addMonths(last, 1)), final: false, schedule: 'months' }]);
  expect(await fileOf(items[0].jobId)).toContain('BillingPeriodStart');
});

test('its files can be written again, and are the same', async () => {
  const [first] = (await ask('periods')).items;
  const { jobId } = await ask(`periods/${MONTH}/exports`, { body: { dataset: 'focus' } });
  expect(jobId).not.toBe(first.jobId);
  expect(await fileOf(jobId)).toBe(await fileOf(first.jobId));
});

test('late events of it are corrections to come, until a file has told of them', async () => {
  expect((await ask(`periods/${MONTH}?dataset=focus`)).pending).toEqual({
    corrections: [],
    truncated: false,
  });
  const occurredAt = new Date(last + 6 * 3_600_000).toISOString();
  const late = makeUsage({ occurredAt, modelId: 'late', costEstimateCents: 2.5 });
  expect((await service.call('/analytics/v1/events', { body: [late] })).json.stored).toBe(1);
  const pending = async () => (await ask(`periods/${MONTH}?dataset=focus`)).pending.corrections;
  await expect.poll(async () => (await pending()).length, { timeout: 60_000 }).toBe(1);
  expect(await pending()).toMatchObject([
    { type: 'usage', modelId: 'late', reason: 'late_events', events: '1', costDollars: '0.025000000' },
  ]);
});

test('a person reopens it with a note, and it has a second revision', async () => {
  const reopened = await ask(`periods/${MONTH}/reopen`, {
    body: { dataset: 'focus', note: 'asked by the auditors' },
  });
  expect(reopened).toMatchObject({ revision: 2, closedBy: 'test', note: 'asked by the auditors', rows: 3 });
  const month = await ask(`periods/${MONTH}?dataset=focus`);
  expect(month).toMatchObject({
    revisions: [{ revision: 2 }, { revision: 1 }],
    corrections: [],
    truncated: false,
    pending: { corrections: [], truncated: false },
  });
});

test('a schedule can be read, changed and deleted', async () => {
  expect(await ask('export-schedules/months')).toMatchObject({ name: 'months', failures: 0, failure: null });
  const put = (more: object) =>
    service.call(`${ORG}/export-schedules/months`, { method: 'PUT', body: { ...body, ...more } });
  const changed = await put({
    monthly: { closeAfter: '48h' },
  });
  expect(changed.status).toBe(200);
  expect(changed.json).toMatchObject({
    ...{ monthly: { closeAfterSeconds: 172_800 }, nextPeriod: monthText(addMonths(last, 1)) },
  });
  expect((await ask('export-schedules')).items).toHaveLength(1);
  expect((await put({ granularity: 'hourly' })).status).toBe(409);
  const gone = await service.call(`${ORG}/export-schedules/months`, { method: 'DELETE' });
  expect(gone.status).toBe(204);
  expect((await service.call(`${ORG}/export-schedules/months`)).status).toBe(404);
  expect((await ask('periods')).items).toHaveLength(2);
});

describe('is refused', () => {
  test.each([
    [{ dataset: 'events', monthly: {} }, 400, 'dataset'],
    [{ dataset: 'focus', monthly: { closeAfter: 'soon' } }, 400, 'closeAfter'],
    [{ dataset: 'focus', monthly: { closeAfter: '31d' } }, 400, 'closeAfter'],
    [{ dataset: 'focus', monthly: { from: '2026-13' } }, 400, 'from'],
    [{ dataset: 'usage', columns: 'vantage', monthly: {} }, 400, 'columns'],
    [{ dataset: 'focus', monthly: {}, models: [1] }, 400, 'models'],
  ])('%j', async (wrong, status, words) => {
    const answer = await service.call(`${ORG}/export-schedules/other`, { method: 'PUT', body: wrong });
    expect(answer.status).toBe(status);
    expect(answer.json.detail).toContain(words);
  });

  test('a month that is not closed, a revision that is not there, and another org', async () => {
    expect((await service.call(`${ORG}/periods/2020-01?dataset=focus`)).status).toBe(404);
    const none = await service.call(`${ORG}/periods/${MONTH}/exports`, {
      body: { dataset: 'focus', revision: 9 },
    });
    expect(none.status).toBe(404);
    const token = await tokenOf(['finance'], ['globex']);
    expect((await service.call(`${ORG}/periods`, { token })).status).toBe(403);
    const reader = await tokenOf(['business_viewer'], ['acme']);
    expect(
      (await service.call(`${ORG}/export-schedules/x`, { token: reader, method: 'PUT', body })).status,
    ).toBe(403);
  });
});
