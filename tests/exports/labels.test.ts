/** Files have the labels of an org as columns or tags, and can be narrowed to some of their values. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExportRequest } from '../../src/exports/request.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { DAY } from '../../src/time.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useService } from '../support/service/service.ts';
import { exportRequest, readDataset } from './read-dataset.ts';

const service = useService();
const EXPORTS = '/analytics/v1/orgs/acme/exports';
const now = Date.now();
const today = Math.floor(now / DAY) * DAY;
const range = { start: today - DAY, end: today + DAY };

beforeAll(async () => {
  await service.call('/analytics/v1/orgs/acme/labels', { method: 'PUT', body: { labels: ['team', 'env'] } });
  const occurredAt = new Date(now - 1_000).toISOString();
  const teams = [{ team: 'search', env: 'prod' }, { team: 'search' }, { team: 'shop' }, undefined];
  const common = { orgId: 'acme', occurredAt };
  const events = teams.flatMap((labels, index) => [
    makeUsage({ ...common, modelId: 'm', costEstimateCents: 1, ...(labels && { labels }) }),
    {
      ...{
        ...common,
        type: 'order',
        eventId: `o-${index}`,
        orderId: `o-${index}`,
        status: 'completed',
        currency: 'EUR',
      },
      ...{
        items: [{ sku: 's', name: 'S', collection: 'c', quantity: 1, priceCents: 500 }],
        ...(labels && { labels }),
      },
    },
    {
      ...{
        ...common,
        type: 'ml_job',
        eventId: `j-${index}`,
        pipeline: '3d',
        provider: 'tripo',
        operation: 'render',
      },
      ...{ status: 'success', durationMs: 5, costCents: 2, ...(labels && { labels }) },
    },
  ]);
  const { json } = await service.call('/analytics/v1/events', { body: events });
  expect(json).toMatchObject({ stored: 12, rejected: 0 });
  while ((await rollUp(service.database.pool)) > 0);
});

function read(changes: Pick<ExportRequest, 'dataset'> & Partial<ExportRequest>) {
  return readDataset(service.database.pool, exportRequest({ orgId: 'acme', range, ...changes }), now);
}

test('usage has a column for each label that rows are told apart by', async () => {
  const { rows, reconciliation } = await read({
    dataset: 'usage',
    groupBy: ['model', 'label.team', 'label.env'],
  });
  expect(
    rows.map(({ label_team, label_env, request_count }) => [label_team, label_env, request_count]),
  ).toEqual([
    ['search', 'prod', '1'],
    ['search', null, '1'],
    ['shop', null, '1'],
    [null, null, '1'],
  ]);
  expect(reconciliation).toMatchObject({ reconciles: true });
});

test('usage of some values reconciles with the same part of the rollups', async () => {
  const { rows, reconciliation } = await read({ dataset: 'usage', labels: { 'label.team': 'search,shop' } });
  expect(rows).toMatchObject([{ request_count: '3' }]);
  expect(reconciliation).toMatchObject({ reconciles: true, rollups: { events: '3' }, raw: null });
});

test('focus has labels as Tags, and can be narrowed', async () => {
  const { rows, reconciliation } = await read({ dataset: 'focus' });
  const tags = rows.map(({ x_Pipeline, Tags }) => [
    x_Pipeline,
    Tags === null ? null : JSON.parse(Tags ?? ''),
  ]);
  expect(tags).toEqual(
    expect.arrayContaining([
      [null, { env: 'prod', team: 'search' }],
      [null, { team: 'shop' }],
      [null, null],
      ['3d', { team: 'search' }],
    ]),
  );
  expect(rows).toHaveLength(8);
  expect(reconciliation).toMatchObject({ reconciles: true });
  const some = await read({ dataset: 'focus', columns: 'vantage', labels: { 'label.env': 'prod' } });
  expect(some.rows.map(({ Tags }) => JSON.parse(Tags ?? ''))).toEqual([
    { env: 'prod', team: 'search' },
    { env: 'prod', team: 'search' },
  ]);
  expect(some.reconciliation).toMatchObject({ reconciles: true });
});

test('sales have a column for one label, and ML jobs can be narrowed', async () => {
  const sales = await read({
    dataset: 'sales',
    groupBy: ['label.team'],
    range: { start: today, end: today + DAY },
  });
  expect(
    sales.rows.map(({ label_team, orders_completed_all }) => [label_team, orders_completed_all]),
  ).toEqual([
    ['search', '2'],
    ['shop', '1'],
    [null, '1'],
  ]);
  const jobs = await read({
    dataset: 'ml',
    labels: { 'label.team': 'search' },
    range: { start: today, end: today + DAY },
  });
  expect(jobs.rows).toMatchObject([{ jobs: '2' }]);
});

test('events can be narrowed to some values', async () => {
  const narrowed = async (labels: ExportRequest['labels']) => {
    const { rows, open } = await read({
      ...{ dataset: 'events', events: { type: 'usage', limit: 100 } },
      ...(labels && { labels }),
    });
    expect(open.rowsMatched).toBe(rows.length);
    return rows.map(({ labels: text }) => JSON.parse(text ?? 'null')?.team).sort();
  };
  expect(await narrowed({ 'label.team': 'search' })).toEqual(['search', 'search']);
  expect(await narrowed({ 'label.team': 'search,shop' })).toEqual(['search', 'search', 'shop']);
  expect(await narrowed({ 'label.team': 'search,shop', 'label.env': 'prod' })).toEqual(['search']);
  expect(await narrowed({ 'label.team': 'nobody' })).toEqual([]);
});

test('a job of events takes labels that are no dimensions', async () => {
  const timeRange = { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() };
  const body = { timeRange, dataset: 'events', labels: { tema: 'x' } };
  expect(await service.call(EXPORTS, { body })).toMatchObject({ status: 202 });
});

describe('a request is refused', () => {
  const timeRange = { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() };
  test.each([
    [{ groupBy: ['label.tema'] }, '$.groupBy[0]', /no dimension of this org; its labels are env, team/],
    [{ labels: { tema: 'x' } }, '$.labels.tema', /no dimension of this org; its labels are env, team/],
    [{ dataset: 'focus', groupBy: ['label.team'] }, '$.groupBy', /column Tags has them/],
    [{ dataset: 'ml', groupBy: ['label.team'] }, '$.groupBy', /usage and sales/],
    [{ dataset: 'sales', groupBy: ['label.team', 'label.env'] }, '$.groupBy', /one label at most/],
    [{ dataset: 'audit', labels: { team: 'x' } }, '$.labels', /not for audit/],
    [{ columns: 's2', groupBy: ['label.team'] }, '$.groupBy', /s2/],
  ])('%j', async (changes, path, message) => {
    const { status, json } = await service.call(EXPORTS, { body: { timeRange, ...changes } });
    expect(status).toBe(400);
    expect(json.errors).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  test('not if the label is declared', async () => {
    const body = { timeRange, groupBy: ['model', 'label.team'], labels: { team: 'search' } };
    expect((await service.call(EXPORTS, { body })).status).toBe(202);
  });
});
