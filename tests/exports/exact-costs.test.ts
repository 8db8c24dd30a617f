import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { DAY, floorTo, MINUTE } from '../../src/time.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { makeJob } from '../support/events/ml-jobs.ts';
import { exported, fileOf, rolledUp, useFolder } from '../support/exports/exports.ts';
import { useService } from '../support/service/service.ts';

const folder = await useFolder();
const service = useService({ ROLES: 'api,ingest,worker', EXPORT_DIR: folder, BUILT_IN_ALERTS: 'off' });
const today = floorTo(DAY, Date.now());
const timeRange = { start: new Date(today - DAY).toISOString(), end: new Date(today).toISOString() };

/** A nano-dollar less than the most that one event may cost. */
const MOST_CENTS = 99_999_999.9999999;
/** Together they cost more dollars than 18 digits of nano-dollars hold. */
const DEAR = 2_000;
const DEAR_DOLLARS = '1999999999.999998000';
const TOTAL_DOLLARS = '1999999999.999998001';
const JOBS_DOLLARS = '1000000.000000000';

function at(minutes: number): string {
  return new Date(today - DAY + minutes * MINUTE).toISOString();
}

beforeAll(async () => {
  const dear = Array.from({ length: DEAR }, (_, n) =>
    makeUsage({ occurredAt: at(n % 1_000), modelId: 'dear', costEstimateCents: MOST_CENTS }),
  );
  const events = [
    ...dear,
    makeUsage({ occurredAt: at(5), modelId: 'cheap', costEstimateCents: 0.0000001 }),
    makeJob({ occurredAt: at(5), orgId: 'acme', costCents: 0.0000001 }),
    makeJob({ occurredAt: at(9), orgId: 'acme', costCents: MOST_CENTS }),
    makeJob({ occurredAt: at(9), orgId: 'cheap', costCents: 0.0000001 }),
  ];
  const sent = await service.call('/analytics/v1/events', { body: events });
  expect(sent.json).toMatchObject({ stored: events.length });
  await rolledUp(service, 'acme', DEAR + 1);
});

/** What a job wrote: the manifest, the cells of a column in each format, and its sum as DuckDB has it. */
async function everyFormat(dataset: string, column: string, orgId = 'acme') {
  const formats = ['csv', 'csv.gz', 'ndjson.gz', 'parquet'];
  const job = await exported(service, orgId, { timeRange, dataset, formats });
  expect(job).toMatchObject({ status: 'succeeded' });
  const [csv, gz, ndjson, parquet] = job.files.map(({ name }: { name: string }) => name);
  const text = await fileOf(job, csv);
  expect(gunzipSync(await fileOf(job, gz))).toEqual(text);
  const lines = gunzipSync(await fileOf(job, ndjson))
    .toString()
    .trimEnd()
    .split('\n');
  const csvCells = (parse(text, { columns: true }) as Record<string, string>[]).map((row) => row[column]);
  expect(lines.map((line) => JSON.parse(line)[column])).toEqual(csvCells);
  const path = fileURLToPath(new URL(parquet, job.outputUri));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const found = await connection.runAndReadAll(
    `select sum(${column})::varchar as sum, any_value(typeof(${column})) as type,
       list(${column}::varchar) as cells from '${path}'`,
  );
  connection.closeSync();
  const [{ sum, type, cells } = {}] = found.getRowObjectsJson();
  const manifest = JSON.parse((await fileOf(job, 'manifest.json')).toString());
  return { cells: csvCells, manifest, parquet: { sum, type, cells }, reconciliation: job.reconciliation };
}

describe('costs of one nano-dollar beside sums of billions of dollars are exact in each file of', () => {
  test.each([
    ['usage', 'cost_total'],
    ['focus', 'BilledCost'],
  ])('%s', async (dataset, column) => {
    const { cells, manifest, parquet, reconciliation } = await everyFormat(dataset, column);
    expect(cells).toContain('0.000000001');
    if (dataset === 'usage') expect(cells).toContain(DEAR_DOLLARS);
    expect(parquet.cells).toEqual(cells);
    expect(parquet.type).toBe('DECIMAL(38,9)');
    const total = dataset === 'focus' ? '2000999999.999998001' : TOTAL_DOLLARS;
    expect({ parquet: parquet.sum, manifest: manifest.totals[column] }).toEqual({
      parquet: total,
      manifest: total,
    });
    expect(reconciliation).toMatchObject({ reconciles: true, file: { cost: total.replace('.', '') } });
    expect(reconciliation.raw).toEqual(reconciliation.file);
  });

  test('events', async () => {
    const { cells, manifest, parquet } = await everyFormat('events', 'cost_estimate_cents');
    expect(cells.filter((cell) => cell === '0.0000001')).toHaveLength(2);
    expect(cells.filter((cell) => cell === String(MOST_CENTS))).toHaveLength(DEAR + 1);
    expect(parquet.sum).toBe('200099999999.9998001');
    expect(manifest.totals.cost_estimate_cents).toBe('200099999999.9998001');
  });

  test('ml', async () => {
    const { cells, manifest, parquet, reconciliation } = await everyFormat('ml', 'cost_usd');
    expect(cells).toEqual([JOBS_DOLLARS]);
    expect(parquet).toEqual({ sum: JOBS_DOLLARS, type: 'DECIMAL(38,9)', cells });
    expect(manifest.totals).toMatchObject({ cost_usd: JOBS_DOLLARS, cost_cents: '100000000.0000000' });
    expect(reconciliation).toMatchObject({
      reconciles: true,
      file: { events: '2', cost: '1000000000000000' },
    });
    expect(reconciliation.raw).toEqual(reconciliation.file);
    expect((await everyFormat('ml', 'cost_cents', 'cheap')).cells).toEqual(['0.0000001']);
  });
});

test('the CSV of a question has the exact dollars beside the cents', async () => {
  const path = `/analytics/v1/orgs/acme/usage?start=${timeRange.start}&end=${timeRange.end}&granularity=day&groupBy=model`;
  const { text } = await service.call(`${path}&format=csv`);
  const rows = parse(text, { columns: true }) as Record<string, string>[];
  expect(rows.map(({ cost_usd: cost }) => cost)).toEqual(['0.000000001', '1999999999.999998']);
});

test('the days that are compared have them exact', async () => {
  const path = `/analytics/v1/orgs/acme/reconciliation?start=${timeRange.start}&end=${timeRange.end}`;
  const { days } = (await service.call(path)).json;
  expect(JSON.stringify(days)).toContain(`"costDollars":"${TOTAL_DOLLARS}"`);
});
