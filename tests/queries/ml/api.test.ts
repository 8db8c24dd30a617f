import { beforeAll, describe, expect, test } from 'vitest';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { DAY, HOUR } from '../../../src/time.ts';
import { type MlJobEvent, makeJob } from '../../support/events/ml-jobs.ts';
import { type Answer, tokenOf, useService } from '../../support/service/service.ts';
import { mlFaults, rawMlFigures } from './raw-ml-figures.ts';

const service = useService();
const ML = '/api/v1/analytics/ml';
const ODD = '名前 👩‍👩‍👧 "quoted"';

const today = Math.floor(Date.now() / DAY) * DAY;
const [start, end] = [today - 4 * DAY, today - 2 * DAY];

function iso(millis: number) {
  return new Date(millis).toISOString();
}

const range = `start=${iso(start)}&end=${iso(end)}`;

/** Jobs spread over the four days before the end, without randomness. */
function jobs(): MlJobEvent[] {
  const providers = ['replicate', 'tripo', 'gemini', ODD];
  const pipelines = ['3d', 'descriptions', 'assets'];
  const statuses = ['success', 'success', 'success', 'error', 'timeout', 'cancelled', 'success'] as const;
  return Array.from({ length: 600 }, (_, index) => {
    const status = statuses[index % statuses.length] ?? 'success';
    const pipeline = pipelines[(index * 7) % 3] ?? '3d';
    const failed = status === 'error' || status === 'timeout';
    return makeJob({
      occurredAt: iso(end - 4 * DAY + ((index * 104_729_777) % (4 * DAY))),
      orgId: index % 3 === 0 ? 'globex' : 'acme',
      provider: providers[(index * 5) % 4] ?? 'tripo',
      pipeline,
      ...(pipeline === 'assets' && index % 5 > 0 && { operation: index % 2 ? 'versioning' : 'approval' }),
      status,
      ...(failed && index % 2 === 0 && { errorCode: `E${index % 3}` }),
      durationMs: 1 + ((index * 7_919) % 60_000),
      ...(index % 4 === 1 && { costCents: (index % 50) / 100 }),
    });
  });
}

beforeAll(async () => {
  const price = (body: object) => service.call(`${ML}/prices`, { body });
  await price({ provider: 'replicate', effectiveFrom: iso(start - 30 * DAY), centsPerSecond: 0.14 });
  await price({ provider: 'replicate', effectiveFrom: iso(start + DAY + HOUR), centsPerSecond: 0.2 });
  await price({ provider: 'tripo', pipeline: '3d', effectiveFrom: iso(start), centsPerJob: 22 });
  const events = jobs();
  const early = events.slice(0, 400);
  const { pool } = service.database;
  expect((await service.call('/analytics/v1/events', { body: early })).json).toMatchObject({ stored: 400 });
  while ((await rollUp(pool)) > 0);
  await promoteAll(pool, grainNamed('week'));
  await service.call('/analytics/v1/events', { body: events.slice(400) });
  while ((await rollUp(pool)) > 0);
});

function plain(figures: Record<string, { value: number | null }>) {
  return Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, figure?.value ?? null]));
}

function before(figures: Record<string, { previous: number | null }>) {
  return Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [name, figure?.previous ?? null]),
  );
}

function raw(where: string, from = start, to = end) {
  return rawMlFigures(service.database.pool, { start: new Date(from), end: new Date(to), where });
}

function quote(name: string) {
  return `'${name}'`;
}

/** Compares every figure of an answer with the raw events. */
async function check({ status, json }: Answer, where: string, column: string) {
  expect(status).toBe(200);
  expect(mlFaults(plain(json.totals), await raw(where))).toEqual({});
  expect(mlFaults(before(json.totals), await raw(where, start - (end - start), start))).toEqual({});
  for (const group of json.groups) {
    const { name, costShare: _, ...figures } = group;
    const one = name === null ? `${column} is null` : `${column} = ${quote(name)}`;
    expect(mlFaults(plain(figures), await raw(`(${where}) and ${one}`))).toEqual({});
  }
  for (const { bucketStart, ...figures } of json.series) {
    const at = Date.parse(bucketStart);
    expect(mlFaults(figures, await raw(where, at, at + HOUR))).toEqual({});
  }
  expect(json.series).toHaveLength((end - start) / HOUR);
  const errors = [...json.errors].reduce((sum: number, { jobs }: { jobs: number }) => sum + jobs, 0);
  expect(errors).toBe(json.totals.failed.value);
}

describe('figures are those of the raw events', () => {
  test.for([
    ['overview', '', 'true', 'pipeline'],
    ['overview', '&orgId=acme', `org_id = 'acme'`, 'pipeline'],
    [
      'overview',
      '&orgId=acme&provider=tripo&pipeline=3d',
      `org_id = 'acme' and provider = 'tripo' and pipeline = '3d'`,
      'pipeline',
    ],
    ['3d', '', `pipeline = '3d'`, 'provider'],
    ['descriptions', '&orgId=globex', `pipeline = 'descriptions' and org_id = 'globex'`, 'provider'],
    ['assets', '', `pipeline = 'assets'`, 'operation'],
    ['assets', '&provider=gemini', `pipeline = 'assets' and provider = 'gemini'`, 'operation'],
    ['providers', '', 'true', 'provider'],
    ['providers', `&provider=${encodeURIComponent(ODD)}`, `provider = '${ODD}'`, 'provider'],
  ] as const)('of %s%s', async ([page, filter, where, column]) => {
    await check(await service.call(`${ML}/${page}?${range}${filter}&granularity=hour`), where, column);
  });
});

test('costs are separated by source, and unpriced jobs are not free', async () => {
  const { json } = await service.call(`${ML}/overview?${range}`);
  const { rows } = await service.database.pool.query(
    `select case when cost is null then 'none' when cost_source = 'table' then 'table' else 'given' end as source,
       count(*)::int as jobs, (sum(cost) / 10000000.0)::float8 as cost
     from analytics.events where occurred_at >= $1 and occurred_at < $2 group by 1`,
    [iso(start), iso(end)],
  );
  for (const { source, jobs, cost } of rows)
    expect(json.costsBySource[source]).toEqual({ jobs, costCents: cost });
  expect(rows).toHaveLength(3);
  const unpriced = await service.call(`${ML}/3d?${range}&provider=${encodeURIComponent(ODD)}&orgId=globex`);
  const { totals } = unpriced.json;
  expect(totals.unpricedJobs.value).toBeGreaterThan(0);
  if (totals.unpricedJobs.value === totals.jobs.value) expect(totals.costCents.value).toBeNull();
});

test('a provider with only unpriced jobs has no cost, and is not free', async () => {
  const job = makeJob({ occurredAt: iso(start + HOUR), provider: 'nobody', orgId: 'solo' });
  await service.call('/analytics/v1/events', { body: job });
  await rollUp(service.database.pool);
  const { json } = await service.call(`${ML}/providers?${range}&orgId=solo`);
  expect(json.groups).toMatchObject([
    {
      name: 'nobody',
      jobs: { value: 1 },
      unpricedJobs: { value: 1 },
      costCents: { value: null },
      costShare: null,
    },
  ]);
  expect(json.totals.costPerSuccessCents.value).toBeNull();
});

describe('without jobs', () => {
  test.each([
    ['an unknown provider', 'provider=nowhere'],
    ['an unknown pipeline', 'pipeline=nowhere'],
    ['an org without jobs', 'orgId=initech'],
  ])('%s gives an empty answer', async (_, query) => {
    const { status, json } = await service.call(`${ML}/overview?${range}&${query}`);
    expect(status).toBe(200);
    expect(json.groups).toEqual([]);
    expect(json.errors).toEqual([]);
    expect(json.totals).toMatchObject({
      jobs: { value: 0, previous: 0, changePercent: null },
      successRate: { value: null },
      durationP95Ms: { value: null },
      costCents: { value: 0 },
    });
    expect(json.series.length).toBeGreaterThan(0);
  });
});

test('compare=year compares with the same dates a year before', async () => {
  const { json } = await service.call(`${ML}/overview?${range}&compare=year`);
  expect(json.comparison.with).toBe('year');
  expect(json.totals.jobs).toMatchObject({ previous: 0, changePercent: null });
});

test('a job in the first minute of the range is not in the earlier range too', async () => {
  const minute = today - HOUR;
  const job = makeJob({ occurredAt: iso(minute + 10_000), orgId: 'edge' });
  await service.call('/analytics/v1/events', { body: job });
  while ((await rollUp(service.database.pool)) > 0);
  const cut = `start=${iso(minute + 30_000)}&end=${iso(minute + 90_000)}&orgId=edge`;
  const { json } = await service.call(`${ML}/overview?${cut}`);
  expect(json).toMatchObject({ start: iso(minute), comparison: { end: iso(minute) } });
  expect(json.totals.jobs).toMatchObject({ value: 1, previous: 0 });
  expect(json.groups).toMatchObject([{ name: '3d', jobs: { value: 1, previous: 0 } }]);
});

describe('bad input is refused by its field', () => {
  test.each([
    ['overview', 'provider=', 'provider'],
    ['overview', `pipeline=${'x'.repeat(101)}`, 'pipeline'],
    ['3d', 'pipeline=assets', 'pipeline'],
    ['assets', 'operation=approval', 'operation'],
    ['providers', 'range=2d', 'range'],
    ['providers', 'compare=month', 'compare'],
    ['descriptions', 'granularity=second', 'granularity'],
    ['descriptions', 'timezone=Mars/Olympus', 'timezone'],
    ['overview', 'start=2026-01-01T00:00:00Z', 'end'],
  ])('%s?%s', async (page, query, field) => {
    const { status, json } = await service.call(`${ML}/${page}?${query}`);
    expect(status).toBe(400);
    expect(json.errors[0].path).toBe(field);
  });
});

test('ML figures are open to callers who may see the platform, for their own org', async () => {
  const engineer = await tokenOf(['engineer'], ['acme']);
  const mine = await service.call(`${ML}/overview?${range}`, { token: engineer });
  expect(mine.json).toMatchObject({ orgId: 'acme' });
  expect((await service.call(`${ML}/overview?orgId=globex`, { token: engineer })).status).toBe(403);
  expect((await service.call(`${ML}/overview`, { token: await tokenOf(['finance'], ['acme']) })).status).toBe(
    403,
  );
});
