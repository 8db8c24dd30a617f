import { describe, expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const PRICES = '/api/v1/analytics/ml/prices';
const price = { provider: 'replicate', pipeline: '3d', effectiveFrom: '2026-01-01', centsPerSecond: 0.14 };

test('a price is added, repeated, changed, listed and removed, and each change is audited', async () => {
  const token = await tokenOf(['admin'], [], 'ada');
  const put = (body: object) => service.call(PRICES, { token, body });
  const added = await put(price);
  expect(added.status).toBe(201);
  expect(added.json).toEqual({
    change: 'added',
    price: {
      id: expect.any(Number),
      ...price,
      operation: null,
      effectiveFrom: '2026-01-01T00:00:00.000Z',
      effectiveTo: null,
      centsPerJob: null,
      centsPerMillionInputTokens: null,
      centsPerMillionOutputTokens: null,
      changedAt: expect.stringMatching(/Z$/),
      changedBy: 'ada',
    },
  });
  const { id } = added.json.price;
  expect(await put({ ...price, operation: null })).toMatchObject({
    status: 200,
    json: { change: 'unchanged', price: { id, changedAt: added.json.price.changedAt } },
  });
  expect(await put({ ...price, centsPerSecond: 0.225001 })).toMatchObject({
    status: 200,
    json: { change: 'changed', price: { id, centsPerSecond: 0.225001 } },
  });
  expect((await service.call(PRICES, { token })).json.prices).toMatchObject([
    { id, centsPerSecond: 0.225001 },
  ]);
  const remove = () => service.call(`${PRICES}/${id}`, { token, method: 'DELETE' });
  expect((await remove()).status).toBe(204);
  expect((await remove()).status).toBe(404);
  expect((await service.call(PRICES, { token })).json.prices).toEqual([]);
  const { rows } = await service.database.pool.query(
    `select actor_id, action, subject, before->>'centsPerSecond' as before, after->>'centsPerSecond' as after
     from analytics.audit_log order by id`,
  );
  const changed = { actor_id: 'ada', subject: 'replicate / 3d from 2026-01-01T00:00:00.000Z' };
  expect(rows).toEqual([
    { ...changed, action: 'price.put', before: null, after: '0.14' },
    { ...changed, action: 'price.put', before: '0.14', after: '0.225001' },
    { ...changed, action: 'price.remove', before: '0.225001', after: null },
  ]);
});

describe('bad input is refused by its field', () => {
  test.each([
    [{ ...price, provider: undefined }, '$.provider'],
    [{ ...price, provider: 'x'.repeat(101) }, '$.provider'],
    [{ ...price, centsPerSecond: -1 }, '$.centsPerSecond'],
    [{ ...price, centsPerSecond: 1e9 }, '$.centsPerSecond'],
    [{ ...price, centsPerSecond: '0.14' }, '$.centsPerSecond'],
    [{ ...price, centsPerSecond: 1e-7 }, '$.centsPerSecond'],
    [{ ...price, centsPerSecond: null }, '$.centsPerJob'],
    [{ ...price, centsPerHour: 1 }, '$.centsPerHour'],
    [{ ...price, pipeline: null, operation: 'approval' }, '$.pipeline'],
    [{ ...price, effectiveFrom: 'today' }, '$.effectiveFrom'],
    [{ ...price, effectiveTo: '2025-12-31' }, '$.effectiveTo'],
  ])('%j', async (body, path) => {
    const { status, json } = await service.call(PRICES, { body });
    expect(status).toBe(400);
    expect(json.errors.map((fault: { path: string }) => fault.path)).toContain(path);
  });

  test('a price with several faults is refused with each named once', async () => {
    const { json } = await service.call(PRICES, { body: { ...price, centsPerJob: -1 } });
    expect(json.errors).toEqual([{ path: '$.centsPerJob', message: 'must be a number from 0 to 100000000' }]);
    const several = { ...price, centsPerJob: 'free', operation: '', effectiveTo: 7 };
    expect((await service.call(PRICES, { body: several })).json.errors).toEqual([
      { path: '$.operation', message: 'must be text of 1 to 100 characters' },
      { path: '$.effectiveTo', message: 'must be string or null' },
      { path: '$.centsPerJob', message: 'must be number or null' },
    ]);
  });

  test('a malformed id is refused', async () => {
    expect((await service.call(`${PRICES}/x`, { method: 'DELETE' })).status).toBe(400);
  });
});

test.each(['org_admin', 'engineer', 'finance'] as const)('prices are closed to %s', async (role) => {
  const token = await tokenOf([role], ['acme']);
  expect((await service.call(PRICES, { token })).status).toBe(403);
  expect((await service.call(PRICES, { token, body: price })).status).toBe(403);
});
