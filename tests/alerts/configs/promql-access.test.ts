import { beforeAll, describe, expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const PATH = '/api/v1/analytics/alerts/configs';
const yaml = { 'content-type': 'application/yaml' };

const counted = { name: 'Counted', metric: 'usage.count', type: 'threshold_above', threshold: 1 };
const promql = {
  name: 'Asked',
  metric: 'prometheus',
  expression: 'billing_revenue_total{tenant="rival"}',
  type: 'threshold_above',
  threshold: 0,
};
const refused = {
  status: 403,
  json: {
    code: 'forbidden',
    detail: expect.stringContaining('Prometheus knows no orgs'),
    errors: [{ path: '$.metric' }],
  },
};

/** Rules that an admin made for one org. */
let askedId = '';
let countedId = '';
beforeAll(async () => {
  askedId = (await service.call(PATH, { body: { orgId: 'acme', ...promql } })).json.id;
  countedId = (await service.call(PATH, { body: { orgId: 'acme', ...counted } })).json.id;
});

async function configsOf(orgId: string) {
  return (await service.call(`${PATH}?orgId=${orgId}`)).json.configs;
}

// Prometheus holds numbers of every org and of the service itself.
describe.each(['org_admin', 'engineer'] as const)('a person with the role %s', (role) => {
  const call = async (path: string, body: object | undefined, method?: string) =>
    service.call(path, {
      token: await tokenOf([role], ['acme']),
      ...(body && { body }),
      ...(method !== undefined && { method }),
    });
  const load = async (rules: object[], query = '') =>
    service.call(`${PATH}/import?orgId=acme${query}`, {
      token: await tokenOf([role], ['acme']),
      headers: yaml,
      body: JSON.stringify({ alerts: rules }),
    });

  test('cannot create or preview a PromQL rule', async () => {
    expect(await call(PATH, { ...promql, name: 'Mine' })).toMatchObject(refused);
    expect(await call(`${PATH}/preview`, { ...promql, expression: 'tidemark_events_total' })).toMatchObject(
      refused,
    );
  });

  test('cannot change a PromQL rule, make a rule one, or remove one', async () => {
    expect(await call(`${PATH}/${countedId}`, { ...promql, name: 'Mine' }, 'PUT')).toMatchObject(refused);
    expect(await call(`${PATH}/${askedId}`, { ...promql, threshold: 1 }, 'PUT')).toMatchObject(refused);
    expect(await call(`${PATH}/${askedId}`, { ...counted, name: 'Asked' }, 'PUT')).toMatchObject(refused);
    expect(await call(`${PATH}/${askedId}`, undefined, 'DELETE')).toMatchObject(refused);
    expect(await configsOf('acme')).toMatchObject([
      { name: 'Asked', version: 1 },
      { name: 'Counted', version: 1 },
    ]);
  });

  test('cannot import a new or changed PromQL rule, but an unchanged one may be in the file', async () => {
    for (const given of [
      { ...promql, name: 'Mine' },
      { ...promql, threshold: 1 },
      { ...counted, name: 'Asked' },
    ]) {
      expect(await load([counted, given], '&dryRun=true')).toMatchObject({
        ...refused,
        json: { ...refused.json, errors: [{ path: '$.alerts[1].metric' }] },
      });
    }
    expect(await load([promql, counted])).toMatchObject({
      status: 200,
      json: { changes: [{ action: 'unchanged' }, { action: 'unchanged' }] },
    });
  });

  test('cannot prune PromQL rules', async () => {
    expect(await load([counted], '&prune=true')).toMatchObject({
      status: 200,
      json: { changes: [{ action: 'unchanged', name: 'Counted' }] },
    });
    expect(await configsOf('acme')).toHaveLength(2);
  });
});

test('an admin changes, imports and removes PromQL rules, of one org and of all', async () => {
  const { id } = (await service.call(PATH, { body: promql })).json;
  expect(
    await service.call(`${PATH}/${id}`, { method: 'PUT', body: { ...promql, threshold: 1 } }),
  ).toMatchObject({ status: 200, json: { orgId: null, threshold: 1 } });
  const body = JSON.stringify({ alerts: [{ ...promql, threshold: 2 }] });
  expect(await service.call(`${PATH}/import?orgId=acme&prune=true`, { headers: yaml, body })).toMatchObject({
    status: 200,
    json: { changes: [{ action: 'delete', name: 'Counted' }, { action: 'update' }] },
  });
  expect((await service.call(`${PATH}/${askedId}`, { method: 'DELETE' })).status).toBe(204);
});
