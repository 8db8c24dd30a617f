import { beforeAll, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { HOUR } from '../../../src/time.ts';
import { makeJob } from '../../support/events/ml-jobs.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const ML = '/api/v1/analytics/ml';
const now = Date.now();

/** What senders write for one provider and one pipeline. */
const spellings = [
  ['Replicate', '3d'],
  ['replicate', '3d'],
  ['replicate ', ' 3d'],
  ['replicate', '3D'],
] as const;

beforeAll(async () => {
  await service.call(`${ML}/prices`, {
    body: { provider: 'REPLICATE', effectiveFrom: new Date(now - 24 * HOUR).toISOString(), centsPerJob: 5 },
  });
  const occurredAt = new Date(now - HOUR).toISOString();
  for (const [provider, pipeline] of [...spellings, ['tripo', 'assets']] as const) {
    const job = makeJob({ orgId: 'acme', occurredAt, provider, pipeline, status: 'success' });
    expect((await service.call('/analytics/v1/events', { body: job })).json).toMatchObject({ stored: 1 });
  }
  while ((await rollUp(service.database.pool)) > 0);
});

async function ask(path: string) {
  const { status, json } = await service.call(`${ML}${path}`);
  expect(status).toBe(200);
  const groups = json.groups.map((group: { name: string; jobs: { value: number } }) => [
    group.name,
    group.jobs.value,
  ]);
  return { ...json, groups };
}

test('providers that differ in case and spaces are one, with the name that was written first', async () => {
  expect((await ask('/providers?orgId=acme')).groups).toEqual([
    ['Replicate', 4],
    ['tripo', 1],
  ]);
  const { groups, totals } = await ask('/3d?orgId=acme&provider=rePLIcate');
  expect(groups).toEqual([['Replicate', 4]]);
  expect(totals.costCents.value).toBe(20);
});

test('pipelines that differ in case and spaces are one', async () => {
  const { groups } = await ask('/overview?orgId=acme');
  expect(groups).toEqual([
    ['3d', 4],
    ['assets', 1],
  ]);
});

test('within one request the name that was sent first is shown', async () => {
  const occurredAt = new Date(now - HOUR).toISOString();
  const body = Array.from({ length: 8 }, (_, n) => [`Maker ${n}`, `maker ${n}`, `MAKER ${n}`])
    .flat()
    .map((provider) => makeJob({ orgId: 'batch', occurredAt, provider }));
  expect((await service.call('/analytics/v1/events', { body })).json).toMatchObject({ stored: 24 });
  while ((await rollUp(service.database.pool)) > 0);
  const { groups } = await ask('/providers?orgId=batch');
  expect(groups.sort()).toEqual(Array.from({ length: 8 }, (_, n) => [`Maker ${n}`, 3]));
});

test('a filter takes several values, and says which of them no job has', async () => {
  const both = await ask('/providers?orgId=acme&provider=tripo,REPLICATE');
  expect([both.groups.length, both.unknownFilters]).toEqual([2, []]);
  const one = await ask('/providers?orgId=acme&provider=tripo,tripoo&pipeline=assets');
  expect([one.groups, one.unknownFilters]).toEqual([[['tripo', 1]], ['provider=tripoo']]);
  const none = await ask('/providers?orgId=acme&provider=nobody');
  expect([none.groups, none.unknownFilters]).toEqual([[], ['provider=nobody']]);
});
