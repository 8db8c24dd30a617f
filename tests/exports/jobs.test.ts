import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { LINK_PURPOSE, signLink } from '../../src/exports/delivery/signed-link.ts';
import { signingKey } from '../../src/notifications/signing-key.ts';
import { DAY, floorTo, HOUR } from '../../src/time.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { exported as exportedOf, fileOf, rolledUp, useFolder } from '../support/exports/exports.ts';
import { tokenOf, useService } from '../support/service/service.ts';

const folder = await useFolder();
const service = useService({ ROLES: 'api,ingest,worker', EXPORT_DIR: folder, BUILT_IN_ALERTS: 'off' });

const today = floorTo(DAY, Date.now());
const timeRange = { start: new Date(today - DAY).toISOString(), end: new Date(today + DAY).toISOString() };
const EXPORTS = '/analytics/v1/orgs/acme/exports';

/** A minute after the start of the range's day. */
function at(day: number): string {
  return new Date(today - DAY + day * DAY + 60_000).toISOString();
}

beforeAll(async () => {
  const numbers = {
    inputTokens: 100,
    outputTokens: 20,
    costEstimateCents: 0.0125,
    status: 'success' as const,
  };
  const events = [
    makeUsage({ ...numbers, occurredAt: at(0), modelId: 'a,"b"' }),
    makeUsage({ ...numbers, occurredAt: at(0), modelId: 'a,"b"', status: 'error', costEstimateCents: 10 }),
    makeUsage({ ...numbers, occurredAt: at(0), modelId: '=c' }),
    makeUsage({ ...numbers, occurredAt: at(1), modelId: '=c', clientId: 'chat' }),
  ];
  const sent = await service.call('/analytics/v1/events', { body: events });
  expect(sent.json).toMatchObject({ stored: 4 });
});

async function exported(body: object) {
  await rolledUp(service, 'acme', 4);
  return exportedOf(service, 'acme', body);
}

async function download(jobId: string, headers: Record<string, string> = {}, query = '') {
  const response = await fetch(`${service.origin}${EXPORTS}/${jobId}/download${query}`, {
    headers: { authorization: `Bearer ${await tokenOf(['finance'], ['acme'])}`, ...headers },
  });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

test('usage is exported by model and day, and its file proves itself', async () => {
  const job = await exported({ timeRange });
  expect(job).toMatchObject({
    ...{ orgId: 'acme', status: 'succeeded', dataset: 'usage', granularity: 'daily', timeRange, rowCount: 3 },
    ...{ initiatedBy: 'test', attempt: 1, truncated: false, progress: { rows: 3 } },
  });
  const { response, bytes } = await download(job.jobId);
  const [day0, day1, day2] = [0, 1, 2].map((day) =>
    new Date(today - DAY + day * DAY).toISOString().replace('.000', ''),
  );
  expect(bytes.toString()).toBe(
    [
      'bucket_start,bucket_end,organization_id,model_id,request_count,error_count,input_tokens,cached_input_tokens,output_tokens,tokens_total,cost_total,unpriced_count,currency',
      `${day0},${day1},acme,'=c,1,0,100,0,20,120,0.000125000,0,USD`,
      `${day0},${day1},acme,"a,""b""",2,1,200,0,40,240,0.100125000,0,USD`,
      `${day1},${day2},acme,'=c,1,0,100,0,20,120,0.000125000,0,USD`,
      '',
    ].join('\r\n'),
  );
  const sha256 = createHash('sha256').update(bytes).digest();
  expect(job.checksum).toBe(sha256.toString('hex'));
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-length': String(bytes.length),
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${job.files[0].name}"`,
    'repr-digest': `sha-256=:${sha256.toString('base64')}:`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
    'accept-ranges': 'bytes',
  });
  const manifest = JSON.parse((await fileOf(job, 'manifest.json')).toString());
  expect(manifest).toMatchObject({
    ...{ jobId: job.jobId, rowCount: 3, final: false, truncated: null, formulaProtection: true },
    totals: { request_count: '4', cost_total: '0.100375000', tokens_total: '480' },
    files: job.files,
  });
  expect((await fileOf(job, 'SHA256SUMS')).toString()).toBe(`${job.checksum}  ${job.files[0].name}\n`);
});

test('the columns of S2, grouped and filtered', async () => {
  const job = await exported({
    timeRange,
    columns: 's2',
    models: ['=c', 'nobody'],
    granularity: 'monthly',
    raw: true,
  });
  expect(job).toMatchObject({ status: 'succeeded' });
  const { bytes } = await download(job.jobId);
  expect(bytes.toString().split('\r\n')[0]).toBe(
    'bucket_start,organization_id,model_id,request_count,tokens_total,error_count,cost_total',
  );
  expect(bytes.toString()).toMatch(/,acme,=c,\d,/);
  const none = await exported({ timeRange, models: ['nobody'] });
  expect(none).toMatchObject({ status: 'succeeded', rowCount: 0 });
});

describe('a download', () => {
  test('of the manifest and the checksums, which prove the file', async () => {
    const job = await exported({ timeRange });
    const [file] = job.files;
    const sums = await download(job.jobId, {}, '?file=SHA256SUMS');
    expect(sums.bytes.toString()).toBe(`${file.sha256}  ${file.name}\n`);
    const manifest = await download(job.jobId, {}, '?file=manifest.json');
    expect(JSON.parse(manifest.bytes.toString())).toMatchObject({ jobId: job.jobId, files: [file] });
    expect(manifest.response.headers.get('content-type')).toBe('application/json');
    const digest = createHash('sha256').update(manifest.bytes).digest('base64');
    expect(manifest.response.headers.get('repr-digest')).toBe(`sha-256=:${digest}:`);
    const { status, json } = await service.call(`${EXPORTS}/${job.jobId}/download?file=passwd`);
    expect({ status, detail: json.detail }).toEqual({
      status: 404,
      detail: expect.stringContaining('it has usage-daily-acme'),
    });
  });

  test('of models that never were is a valid file without rows, and says so', async () => {
    const job = await exported({ timeRange, models: ['never'] });
    expect(job).toMatchObject({
      rowCount: 0,
      warnings: ['No row of the models never matches in this range, so the files have no rows.'],
    });
  });

  test('of a part', async () => {
    const job = await exported({ timeRange });
    const whole = (await download(job.jobId)).bytes;
    const part = await download(job.jobId, { range: 'bytes=10-19' });
    expect(part.response.status).toBe(206);
    expect(part.response.headers.get('content-range')).toBe(`bytes 10-19/${whole.length}`);
    expect(part.bytes).toEqual(whole.subarray(10, 20));
    const beyond = await download(job.jobId, { range: `bytes=${whole.length}-` });
    expect(beyond.response.status).toBe(416);
    const same = await download(job.jobId, { 'if-none-match': part.response.headers.get('etag') ?? '' });
    expect(same.response.status).toBe(304);
  });

  test('needs a link that is ours, in time, and of this file', async () => {
    const job = await exported({ timeRange });
    const redirect = await fetch(`${service.origin}${EXPORTS}/${job.jobId}/download`, {
      redirect: 'manual',
      headers: { authorization: `Bearer ${await tokenOf(['finance'], ['acme'], 'fay')}` },
    });
    expect(redirect.status).toBe(302);
    const link = redirect.headers.get('location') ?? '';
    const get = (path: string) => service.call(path, { token: null });
    expect((await get(link)).status).toBe(200);
    expect((await get(link.replace(/signature=..../, 'signature=AAAA'))).status).toBe(403);
    expect((await get(link.replace(/expires=\d/, 'expires=9'))).status).toBe(403);
    expect((await get(link.replace('/acme/', '/other/'))).status).toBe(403);
    expect((await get(link.replace(/\.csv\?/, '.parquet?'))).status).toBe(403);
    const key = await signingKey(service.database.pool, LINK_PURPOSE);
    const file = { orgId: 'acme', jobId: job.jobId, name: job.files[0].name };
    const ended = signLink(key, file, { now: Date.now() - DAY, ttl: HOUR });
    expect(await get(ended)).toMatchObject({
      status: 403,
      json: { detail: expect.stringContaining('expired') },
    });
    const removed = signLink(key, { ...file, name: 'no-such-file.csv' }, { now: Date.now(), ttl: HOUR });
    expect((await get(removed)).status).toBe(404);
    expect((await get(link.replace(/&signature=.*/, '&signature='))).status).toBe(403);
    const { rows } = await service.database.pool.query(
      `select actor_id from analytics.audit_log where action = 'export.download' and subject = $1`,
      [job.jobId],
    );
    expect(rows).toEqual([{ actor_id: 'fay' }]);
  });
});

describe('bad input is refused by its field', () => {
  const days = (from: number, to: number) => ({
    start: new Date(today + from * DAY).toISOString(),
    end: new Date(today + to * DAY).toISOString(),
  });

  test.each([
    [{}, 400, '$.timeRange'],
    [{ timeRange: { start: 'x', end: 'y' } }, 400, '$.timeRange.start'],
    [{ timeRange: days(1, 1) }, 400, '$.timeRange.start'],
    [{ timeRange: days(-32, 0), granularity: 'hourly' }, 400, '$.timeRange'],
    [{ timeRange: days(-100, -80), granularity: 'hourly' }, 422, '$.timeRange'],
    [{ timeRange: days(-500, 0) }, 400, '$.timeRange'],
    [{ timeRange, timezone: 'Mars' }, 400, '$.timezone'],
    [{ timeRange, dataset: 'nothing' }, 400, '$.dataset'],
    [{ timeRange, formats: [] }, 400, '$.formats'],
    [{ timeRange, delivery: { type: 'ftp' } }, 400, '$.delivery.type'],
  ])('%j', async (body, status, path) => {
    const { status: got, json } = await service.call(EXPORTS, { body });
    expect({ status: got, path: json.errors[0]?.path }).toEqual({ status, path });
  });
});

test('one key makes one job, and belongs to one request', async () => {
  const headers = { 'idempotency-key': 'november' };
  const body = { timeRange };
  const [first, second] = await Promise.all([
    service.call(EXPORTS, { body, headers }),
    service.call(EXPORTS, { body, headers }),
  ]);
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second.json.jobId).toBe(first.json.jobId);
  const other = await service.call(EXPORTS, { body: { timeRange, raw: true }, headers });
  expect(other).toMatchObject({ status: 409, json: { errors: [{ path: 'Idempotency-Key' }] } });
});

test('exports are listed, the newest first, and only those of the org', async () => {
  const list = (query = '') => service.call(`${EXPORTS}${query}`);
  const all = (await list()).json.items;
  expect(all.length).toBeGreaterThan(2);
  const page = (await list('?limit=2')).json;
  expect(page.items).toEqual(all.slice(0, 2));
  expect((await list(`?limit=2&after=${page.next}`)).json.items).toEqual(all.slice(2, 4));
  const { jobId } = all[0];
  expect((await service.call(`/analytics/v1/orgs/other/exports/${jobId}`)).status).toBe(404);
  expect((await service.call('/analytics/v1/orgs/other/exports')).json.items).toEqual([]);
  const token = await tokenOf(['finance'], ['other']);
  expect((await service.call(`${EXPORTS}/${jobId}`, { token })).status).toBe(403);
});
