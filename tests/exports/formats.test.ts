import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { DAY, floorTo, HOUR, MINUTE } from '../../src/time.ts';
import { sampleEvents } from '../support/events/event-samples.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { exported, fileOf, rolledUp, useFolder } from '../support/exports/exports.ts';
import { useService } from '../support/service/service.ts';

const folder = await useFolder();
const service = useService({ ROLES: 'api,ingest,worker', EXPORT_DIR: folder, BUILT_IN_ALERTS: 'off' });

const now = Date.now();
const today = floorTo(DAY, now);
const timeRange = { start: new Date(today - DAY).toISOString(), end: new Date(today + DAY).toISOString() };
const odd = [
  '=1+1',
  '+1',
  '-1',
  '@x',
  '＝1',
  'a"b',
  'a,b',
  'a\nb',
  'a\r\nb',
  ' a ',
  'ä漢',
  '.hidden',
  '\\.',
  'A',
  '~',
];
const EVENTS = 60;
/** One event of each type, of an org of its own. */
const everyType = Object.values(sampleEvents(new Date(now - HOUR).toISOString()));

beforeAll(async () => {
  const events = Array.from({ length: EVENTS }, (_, n) =>
    makeUsage({
      orgId: "a/b'c",
      eventId: n % 7 === 0 ? `=own id ${n}` : crypto.randomUUID(),
      // Some have the same time, and some microseconds.
      occurredAt: new Date(now - HOUR - Math.floor(n / 2) * MINUTE)
        .toISOString()
        .replace('Z', n % 3 === 0 ? '120Z' : 'Z'),
      modelId: odd[n % odd.length] ?? '',
      costEstimateCents: [0, 0.0001, 1.5, 1234.5678][n % 4] ?? 0,
      latencyMs: [0.001, 12, 99.5][n % 3] ?? 1,
      ...(n % 5 === 0 && { metadata: { note: odd[n % odd.length] ?? '', b: '{"x": 1}' } }),
      ...(n % 4 === 0 && { actorId: odd[(n + 1) % odd.length] ?? '' }),
    }),
  );
  const sent = await service.call('/analytics/v1/events', { body: events });
  expect(sent.json).toMatchObject({ stored: EVENTS });
  const alsoSent = await service.call('/analytics/v1/events', { body: everyType });
  expect(alsoSent.json).toMatchObject({ stored: everyType.length });
  await rolledUp(service, "a/b'c", EVENTS);
});

function rowsOf(csv: Buffer | string): Record<string, string>[] {
  return parse(csv, { columns: true, bom: true });
}

/** The rows with JSON as values, because PostgreSQL writes JSON with spaces. */
function withJson(rows: readonly Record<string, string>[]) {
  const read = (text: string | undefined) => (text ? JSON.parse(text) : null);
  return rows.map((row) => ({
    ...row,
    ...{ metadata: read(row.metadata), attributes: read(row.attributes), labels: read(row.labels) },
  }));
}

async function export_(body: object, orgId = "a/b'c") {
  const job = await exported(service, orgId, { timeRange, dataset: 'events', ...body });
  expect(job).toMatchObject({ status: 'succeeded' });
  return job;
}

describe.each([
  ['of odd texts', "a/b'c", EVENTS],
  ['of every type', 'acme', everyType.length],
] as const)('raw events %s', (_, orgId, events) => {
  test.each([true, false])(
    'are the same in every format, and as the API streams them; raw: %s',
    async (raw) => {
      const all = await export_({ raw, formats: ['csv', 'csv.gz', 'ndjson.gz', 'parquet'] }, orgId);
      const path = `/analytics/v1/orgs/${encodeURIComponent(orgId)}`;
      const range = `start=${timeRange.start}&end=${timeRange.end}`;
      const streamed = await service.call(`${path}/events.csv?raw=${raw}&${range}`);
      const streamedNdjson = await service.call(`${path}/events.ndjson?${range}`);
      const expected = rowsOf(streamed.text);
      expect(expected).toHaveLength(events);
      const [csv, gz, ndjson, parquet] = await Promise.all(
        all.files.map(({ name }: { name: string }) => fileOf(all, name)),
      );
      expect(withJson(rowsOf(csv))).toEqual(withJson(expected));
      expect(csv.toString().split('\r\n').length).toBe(streamed.text.split('\r\n').length);
      expect(gunzipSync(gz)).toEqual(csv);
      expect(gunzipSync(ndjson).toString()).toBe(streamedNdjson.text);
      for (const [index, file] of [csv, gz, ndjson, parquet].entries()) {
        const { bytes, sha256, rows } = all.files[index];
        expect({ bytes, rows }).toEqual({ bytes: file.length, rows: events });
        expect(sha256).toBe(createHash('sha256').update(file).digest('hex'));
      }
    },
  );
});

test('DuckDB reads from Parquet what the CSV says, with exact sums', async () => {
  const job = await export_({ formats: ['parquet'], raw: true });
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  const path = fileURLToPath(new URL(job.files[0].name, job.outputUri)).replaceAll("'", "''");
  const read = async (sql: string) =>
    (await connection.runAndReadAll(sql.replace('$file', `'${path}'`))).getRowObjects();
  const [sums] = await read(
    `select count(*) as n, sum(cost_estimate_cents)::varchar as cost, sum(input_tokens)::varchar as tokens,
       min(occurred_at)::varchar as first, typeof(any_value(cost_estimate_cents)) as type from $file`,
  );
  const manifest = JSON.parse((await fileOf(job, 'manifest.json')).toString());
  const { rows } = await service.database.pool.query(
    `select sum(cost)::text as cost, sum(input_tokens)::text as tokens,
       to_char(min(occurred_at), 'YYYY-MM-DD HH24:MI:SS.US') as first from analytics.events where org_id = 'a/b''c'`,
  );
  expect(sums).toMatchObject({ n: BigInt(EVENTS), tokens: rows[0].tokens, type: 'DECIMAL(18,7)' });
  expect(String(sums?.cost)).toBe(manifest.totals.cost_estimate_cents);
  expect(manifest.totals.cost_estimate_cents.replace('.', '')).toBe(rows[0].cost);
  expect(rows[0].first.startsWith(String(sums?.first).slice(0, 19))).toBe(true);
  const models = await read('select distinct model_id from $file');
  expect(new Set(models.map(({ model_id: model }) => model))).toEqual(
    new Set(odd.map((name) => name.trim())),
  );
  connection.closeSync();
});

test('a file with fewer rows than match says so in four places', async () => {
  const job = await export_({ events: { limit: 7 } });
  expect(job).toMatchObject({ truncated: true, rowCount: 7, rowsMatched: EVENTS });
  const [{ name }] = job.files;
  expect(name).toMatch(/^events-a_b_c-.*-first-7-of-60\.csv$/);
  const manifest = JSON.parse((await fileOf(job, 'manifest.json')).toString());
  expect(manifest.truncated).toEqual({ rows: 7, matched: EVENTS });
  const rows = rowsOf(await fileOf(job, name));
  expect(rows).toHaveLength(7);
  const sum = rows.reduce((total, { input_tokens: tokens }) => total + Number(tokens), 0);
  expect(manifest.totals.input_tokens).toBe(String(sum));
  const response = await service.call(
    `/analytics/v1/orgs/${encodeURIComponent("a/b'c")}/exports/${job.jobId}/download`,
  );
  expect(response.headers.get('tidemark-truncated')).toBe(`rows=7; matched=${EVENTS}`);
});

test('events are filtered, and an empty file is valid', async () => {
  const failed = await export_({ events: { status: 'error' }, models: ['A', '~'] });
  const { rows } = await service.database.pool.query(
    `select count(*)::int as n from analytics.events where status = 'error' and model_id in ('A', '~')`,
  );
  expect(failed.rowCount).toBe(rows[0].n);
  const none = await export_({ models: ['nobody'], formats: ['csv', 'parquet', 'ndjson.gz'] });
  expect(none).toMatchObject({ rowCount: 0, truncated: false });
  expect((await fileOf(none, none.files[0].name)).toString()).toMatch(/^event_id,[^\n]*\r\n$/);
});

test('usage is the same in every format', async () => {
  const job = await export_({
    dataset: 'usage',
    formats: ['csv', 'ndjson.gz', 'parquet'],
    bom: true,
    groupBy: ['model', 'client'],
  });
  const [csv, ndjson] = await Promise.all(job.files.map(({ name }: { name: string }) => fileOf(job, name)));
  expect(csv.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  const lines = gunzipSync(ndjson)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ request_count: n }) => String(n))).toEqual(
    rowsOf(csv).map(({ request_count: n }) => n),
  );
  expect(lines.reduce((sum, { request_count: n }) => sum + n, 0)).toBe(EVENTS);
});

test('raw events that are no longer kept are refused, with what is', async () => {
  const old = {
    start: new Date(today - 40 * DAY).toISOString(),
    end: new Date(today - 30 * DAY).toISOString(),
  };
  const asked = await service.call('/analytics/v1/orgs/acme/exports', {
    body: { timeRange: old, dataset: 'events' },
  });
  expect(asked).toMatchObject({
    status: 422,
    json: { code: 'range_not_kept', errors: [{ path: '$.timeRange' }] },
  });
});
