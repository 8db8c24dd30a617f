import { expect, test } from 'vitest';
import { putModelPrice } from '../support/events/prices.ts';
import { useService } from '../support/service/service.ts';

const service = useService();
const ALIASES = '/api/v1/analytics/model-prices/aliases';

test('calls of an aliased provider go by the prices of the other, once an admin says so', async () => {
  const { pool } = service.database;
  const price = {
    provider: 'aws',
    model: 'nova-x',
    effectiveFrom: '2026-01-01',
    usdPerMillionInputTokens: 1,
  };
  await putModelPrice(pool, price);
  const alias = { provider: 'AWS.Bedrock', asProvider: 'aws' };
  const put = await service.call(ALIASES, { body: alias });
  expect(put).toMatchObject({
    status: 200,
    json: { provider: 'aws.bedrock', model: null, asProvider: 'aws' },
  });
  expect((await service.call(ALIASES)).json.aliases).toEqual([put.json]);

  const occurredAt = new Date(Date.now() - 60_000).toISOString();
  const call = { orgId: 'acme', occurredAt, status: 'success', provider: 'aws.bedrock', inputTokens: 1_000 };
  const send = (eventId: string) =>
    service.call('/analytics/v1/events', { body: { ...call, eventId, modelId: 'us.amazon.nova-x-v1:0' } });
  expect((await send('1')).json).toMatchObject({ stored: 1 });
  const { rows } = await pool.query(`select cost, cost_source from analytics.events`);
  expect(rows).toEqual([{ cost: 1_000_000, cost_source: 'table' }]);

  const removed = await service.call(`${ALIASES}/${put.json.id}`, { method: 'DELETE' });
  expect(removed).toMatchObject({ status: 204 });
  const audit = await pool.query(
    `select action, subject from analytics.audit_log where action like 'price_alias.%' order by id`,
  );
  expect(audit.rows).toEqual([
    { action: 'price_alias.put', subject: 'aws.bedrock is aws' },
    { action: 'price_alias.remove', subject: 'aws.bedrock is aws' },
  ]);
});

test.for([
  [{ asProvider: 'aws', provider: 'aws' }, '$.asProvider'],
  [{ asProvider: 'aws', provider: 'x', asModel: 'm' }, '$.model'],
] as const)('the alias %j is refused by the name of its fault', async ([body, path]) => {
  expect(await service.call(ALIASES, { body })).toMatchObject({ status: 400, json: { errors: [{ path }] } });
});
