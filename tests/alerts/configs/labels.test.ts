/** Rules by labels: checked when they are written, one alert for a team, and what happens once a label is left out. */
import { beforeAll, describe, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { MINUTE, sleep } from '../../../src/time.ts';
import { alertsOn } from '../../support/alerting/alerts.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const CONFIGS = '/api/v1/analytics/alerts/configs';
/** A process learns of declared labels within two seconds. */
const LEARNED = 2_100;
let now = Date.now();
const clock = { now: () => now };

function declare(...labels: string[]) {
  return service.call('/analytics/v1/orgs/acme/labels', { method: 'PUT', body: { labels } });
}

function rule(changes: object) {
  return {
    ...{ orgId: 'acme', name: 'Errors', metric: 'usage.error_rate', type: 'threshold_above', threshold: 0.5 },
    ...changes,
  };
}

function write(changes: object) {
  return service.call(CONFIGS, { body: rule(changes) });
}

async function call(team: string, status: 'success' | 'error', times: number) {
  const occurredAt = new Date(Date.now() - 2 * MINUTE).toISOString();
  const events = Array.from({ length: times }, () =>
    makeUsage({ orgId: 'acme', status, occurredAt, labels: { team } }),
  );
  const { json } = await service.call('/analytics/v1/events', { body: events });
  expect(json).toMatchObject({ stored: times });
}

async function evaluate() {
  while ((await rollUp(service.database.pool)) > 0);
  now = Date.now();
  await alertsOn(service.database, clock).evaluateAll();
}

async function notices(name: string) {
  const { rows } = await service.database.pool.query(
    `select group_key, name from analytics.alert_history where name = $1`,
    [name],
  );
  return rows.map(({ group_key }) => JSON.parse(group_key));
}

beforeAll(async () => {
  expect((await declare('team', 'env')).status).toBe(200);
  await sleep(LEARNED);
  await call('search', 'error', 4);
  await call('shop', 'success', 4);
  while ((await rollUp(service.database.pool)) > 0);
});

describe('a rule is refused', () => {
  const unknown = 'label.tema is not declared in acme; its labels are env, team';
  test.each([
    [{ filters: { 'label.tema': 'x' } }, '$.filters.label.tema', unknown],
    [{ groupBy: ['model_id', 'label.tema'] }, '$.groupBy.0', /model_id is not a dimension.*modelId/],
    [{ groupBy: ['label.tema'] }, '$.groupBy.0', unknown],
    [{ groupBy: ['label.a b'] }, '$.groupBy.0', /use one of: .*label\.KEY/],
    [{ orgId: null, groupBy: ['label.team'] }, '$.groupBy.0', /label of one org; give the rule an orgId/],
    [{ metric: 'error.count', groupBy: ['label.team'] }, '$.groupBy.0', /is not a dimension of error.count/],
  ])('%j', async (changes, path, message) => {
    for (const place of [CONFIGS, `${CONFIGS}/preview`]) {
      const { status, json } = await service.call(place, { body: rule(changes) });
      expect(status).toBe(400);
      expect(json.errors).toContainEqual({
        path,
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      });
    }
  });

  test('in a file too, which is then not imported at all', async () => {
    const yaml = `alerts:
  - { name: by team, metric: usage.error_rate, type: threshold_above, threshold: 0.5, groupBy: [label.tema] }`;
    const answer = await service.call(`${CONFIGS}/import?orgId=acme`, {
      body: yaml,
      headers: { 'content-type': 'application/yaml' },
    });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.json)).toContain(unknown);
  });
});

test('a rule by team has an alert for the team that fails alone, and its notice names it', async () => {
  expect((await write({ name: 'by team', groupBy: ['label.team'] })).status).toBe(201);
  expect((await write({ name: 'of shop', filters: { 'label.team': 'shop' } })).status).toBe(201);
  expect((await write({ name: 'of search', filters: { 'label.team': 'search' } })).status).toBe(201);
  await evaluate();
  expect(await notices('by team')).toEqual([{ 'label.team': 'search' }]);
  expect(await notices('of shop')).toEqual([]);
  expect(await notices('of search')).toEqual([{}]);
  const { rows } = await service.database.pool.query(
    `select distinct payload ->> 'name' as name, payload -> 'group' as "group"
     from analytics.in_app_notifications where payload ->> 'name' in ('by team', 'of search') order by 1`,
  );
  expect(rows).toEqual([
    { name: 'by team', group: { 'label.team': 'search' } },
    { name: 'of search', group: { 'label.team': 'search' } },
  ]);
});

test('a preview replays the rule of each team', async () => {
  const { json } = await service.call(`${CONFIGS}/preview`, { body: rule({ groupBy: ['label.team'] }) });
  expect(json.groups).toBe(2);
  expect(json.alerts.map(({ group }: { group: object }) => group)).toEqual([{ 'label.team': 'search' }]);
});

test('a rule whose label is no longer declared fails visibly, keeps its alerts, and can be disabled', async () => {
  const { json: made } = await write({ name: 'left out', groupBy: ['label.team'] });
  await evaluate();
  expect(await notices('left out')).toHaveLength(1);
  await declare('env');
  await service.database.pool.query('update analytics.alert_configs set next_evaluation_at = now()');
  await evaluate();
  const read = async () => (await service.call(`${CONFIGS}/${made.id}`)).json;
  expect((await read()).failure).toBe(
    'label.team is no longer declared in acme; declare it again, or change the rule',
  );
  const { rows } = await service.database.pool.query(
    `select resolved_at from analytics.alert_history where name = 'left out'`,
  );
  expect(rows).toEqual([{ resolved_at: null }]);
  const put = async (changes: object) => {
    const body = { ...(await read()), ...changes };
    return service.call(`${CONFIGS}/${made.id}`, { method: 'PUT', body });
  };
  expect((await put({ threshold: 0.6 })).json.errors).toMatchObject([{ path: '$.groupBy.0' }]);
  expect((await put({ enabled: false })).status).toBe(200);
});
