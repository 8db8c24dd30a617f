import { expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { SECOND } from '../../../src/time.ts';
import { alertsOn } from '../../support/alerting/alerts.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useIngestion } from '../../support/events/ingestion.ts';
import { useService } from '../../support/service/service.ts';

const service = useService({ QUOTA_RULES: '5000' });
let now = Date.now();
const clock = { now: () => now };
const { store } = useIngestion(service.database, clock);
const { evaluateAll, addConfig } = alertsOn(service.database, clock);
const PATH = '/api/v1/analytics/alerts/configs';
const yaml = { 'content-type': 'application/yaml' };

function rule(changes: object = {}) {
  return {
    metric: 'usage.error_rate',
    type: 'threshold_above',
    threshold: 0.05,
    ...changes,
  };
}

function post(body: object) {
  return service.call(PATH, { body });
}

function load(body: string, query = '') {
  return service.call(`${PATH}/import?orgId=filed${query}`, { method: 'POST', headers: yaml, body });
}

test('an export is imported unchanged, and a dry run shows a change before it is made', async () => {
  await post(
    rule({
      orgId: 'filed',
      name: 'a',
      filters: { modelId: 'm' },
      channels: [{ channel: 'slack', to: 'ops' }],
    }),
  );
  await post(rule({ orgId: 'filed', name: 'b' }));
  const { text, headers } = await service.call(`${PATH}/export?orgId=filed`);
  expect(headers.get('content-type')).toContain('application/yaml');
  // The file orders fields for people, however the database keeps them.
  const names = [...text.matchAll(/^ {4}(\w+):/gm)].map(([, name]) => name);
  expect(names.slice(0, 3)).toEqual(['name', 'description', 'runbookUrl']);
  expect(names.at(-1)).toBe('enabled');
  expect(text).toMatch(/channels:\n +- channel: slack\n +to: ops\n/);
  const actions = (answer: { json: { changes: { action: string; name: string }[] } }) =>
    answer.json.changes.map(({ action, name }) => `${action} ${name}`);
  expect(actions(await load(text))).toEqual(['unchanged a', 'unchanged b']);

  const edited = text.replace('threshold: 0.05', 'threshold: 0.2').replace('name: b', 'name: c');
  const dry = await load(edited, '&dryRun=true&prune=true');
  expect(actions(dry)).toEqual(['delete b', 'update a', 'create c']);
  expect(dry.json.changes[1].fields).toEqual({ threshold: { before: 0.05, after: 0.2 } });
  expect((await service.call(`${PATH}?orgId=filed`)).json.configs).toMatchObject([
    { name: 'a', threshold: 0.05 },
    { name: 'b' },
  ]);
  await load(edited, '&prune=true');
  expect((await service.call(`${PATH}?orgId=filed`)).json.configs).toMatchObject([
    { name: 'a', threshold: 0.2 },
    { name: 'c' },
  ]);
});

test('thousands of rules are imported, changed and removed at once, and each change is audited', async () => {
  const file = (threshold: number) =>
    JSON.stringify({
      alerts: Array.from({ length: 2_500 }, (_, index) =>
        rule({ orgId: 'large', name: `rule ${index}`, threshold: index % 5 === 0 ? threshold : 0.05 }),
      ),
    });
  const many = async (body: string, query = '') => {
    const { json } = await service.call(`${PATH}/import?orgId=large${query}`, { headers: yaml, body });
    return Map.groupBy(json.changes, ({ action }: { action: string }) => action);
  };
  expect((await many(file(0.1))).get('create')).toHaveLength(2_500);
  expect((await many(file(0.2))).get('update')).toHaveLength(500);
  expect((await many('alerts: []', '&prune=true')).get('delete')).toHaveLength(2_500);
  const { rows } = await service.database.pool.query(
    `select action, count(*)::int, count(distinct subject)::int as subjects,
       count(*) filter (where before ->> 'threshold' = '0.1' and after ->> 'threshold' = '0.2')::int as changed
     from analytics.audit_log where org_id = 'large' group by action order by action`,
  );
  expect(rows).toEqual([
    { action: 'alert_config.create', count: 2_500, subjects: 2_500, changed: 0 },
    { action: 'alert_config.delete', count: 2_500, subjects: 2_500, changed: 0 },
    { action: 'alert_config.update', count: 500, subjects: 500, changed: 500 },
  ]);
});

test('an import ends the alerts of rules that it disables or removes, and keeps silences', async () => {
  // Start in the middle of a minute.
  now = Math.floor(now / 60_000) * 60_000 + 30 * SECOND;
  const occurredAt = new Date(now - 5 * SECOND).toISOString();
  await store(makeUsage({ orgId: 'ending', occurredAt, status: 'error' }));
  while ((await rollUp(service.database.pool)) > 0);
  for (const name of ['disabled', 'removed', 'kept']) await addConfig({ name }, 'ending');
  const silencedUntil = new Date(Date.now() + 3_600_000).toISOString();
  await post(rule({ orgId: 'ending', name: 'silenced', silencedUntil }));
  await evaluateAll();
  const { text } = await service.call(`${PATH}/export?orgId=ending`);
  const [disabled, kept, , silenced] = text.split(/^(?= {2}- )/m).slice(1);
  const body = `alerts:\n${disabled?.replace('enabled: true', 'enabled: false')}${kept}${silenced?.replace('severity: warning', 'severity: info')}`;
  const imported = await service.call(`${PATH}/import?orgId=ending&prune=true`, { headers: yaml, body });
  expect(
    imported.json.changes.map(({ action, name }: { action: string; name: string }) => `${action} ${name}`),
  ).toEqual(['delete removed', 'update disabled', 'unchanged kept', 'update silenced']);
  const { rows } = await service.database.pool.query(
    `select h.name, t.reason, t.notice from analytics.alert_transitions t
     join analytics.alert_history h on h.id = t.alert_id
     where h.org_id = 'ending' and t.transition = 'resolved' order by h.name`,
  );
  expect(rows).toEqual([
    { name: 'disabled', reason: 'rule_disabled', notice: 'resolved' },
    { name: 'removed', reason: 'rule_deleted', notice: 'resolved' },
  ]);
  expect((await service.call(`${PATH}?orgId=ending`)).json.configs).toMatchObject([
    { name: 'disabled', enabled: false, openAlerts: 0 },
    { name: 'kept', version: 1, openAlerts: 1 },
    { name: 'silenced', severity: 'info', silencedUntil },
  ]);
});

test('one faulty rule stops the whole import', async () => {
  const before = (await service.call(`${PATH}?orgId=filed`)).json;
  const answer = await load(
    'alerts:\n- {name: x, metric: usage.count, type: threshold_above, threshold: 1}\n- {name: y, metric: usage.cuont, type: threshold_above, threshold: 1}\n',
  );
  expect(answer).toMatchObject({
    status: 400,
    json: {
      errors: [{ path: '$.alerts[1].metric', message: 'is not a known metric; did you mean usage.count?' }],
    },
  });
  expect((await service.call(`${PATH}?orgId=filed`)).json).toEqual(before);
});

test.each([
  ['no YAML', 'alerts: [', /is not YAML/],
  ['no list', 'alert: 1', /list named alerts/],
  [
    'a bomb',
    `a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nalerts: [*c,*c,*c,*c,*c,*c]`,
    /not YAML that can be used|must be/,
  ],
  ['10,001 rules', `alerts:\n${'- {name: x}\n'.repeat(10_001)}`, /has 10001 alerts; at most 10000/],
  ['what is nested too deeply', '['.repeat(5_000), /is not YAML/],
  [
    "another's org",
    'alerts: [{orgId: other, name: x, metric: usage.count, type: threshold_above, threshold: 1}]',
    /must be an org/,
  ],
  [
    'a name twice',
    `alerts:\n${'- {name: x, metric: usage.count, type: threshold_above, threshold: 1}\n'.repeat(2)}`,
    /is used twice/,
  ],
])('%s is refused', async (_, body, message) => {
  const answer = await load(body);
  expect(answer.status).toBe(400);
  expect(answer.json.detail).toMatch(message);
});
