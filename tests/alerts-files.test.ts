import { expect, test } from 'vitest';
import { useService } from './support/service.ts';

const service = useService();
const PATH = '/api/v1/analytics/alerts/configs';
const yaml = { 'content-type': 'application/yaml' };

const rule = (changes: object = {}) => ({
  metric: 'usage.error_rate',
  type: 'threshold_above',
  threshold: 0.05,
  ...changes,
});

const post = (body: object) => service.call(PATH, { body });
const load = (body: string, query = '') =>
  service.call(`${PATH}/import?orgId=filed${query}`, { method: 'POST', headers: yaml, body });

test('what was exported is imported unchanged, and a change is shown before it is made', async () => {
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

test('one rule that is wrong, and nothing is imported', async () => {
  const before = (await service.call(`${PATH}?orgId=filed`)).json;
  const answer = await load(
    'alerts:\n- {name: x, metric: usage.count, type: threshold_above, threshold: 1}\n- {name: y, metric: usage.cuont, type: threshold_above, threshold: 1}\n',
  );
  expect(answer).toMatchObject({
    status: 400,
    json: { errors: [{ path: '$.alerts[1].metric', message: 'is not known; did you mean usage.count?' }] },
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
  ['10,000 rules', `alerts:\n${'- {name: x}\n'.repeat(10_000)}`, /has 10000 alerts; at most 1000/],
  [
    "another's org",
    'alerts: [{orgId: other, name: x, metric: usage.count, type: threshold_above, threshold: 1}]',
    /must be an org/,
  ],
  [
    'a name twice',
    `alerts:\n${'- {name: x, metric: usage.count, type: threshold_above, threshold: 1}\n'.repeat(2)}`,
    /is there twice/,
  ],
])('%s is refused', async (_, body, message) => {
  const answer = await load(body);
  expect(answer.status).toBe(400);
  expect(answer.json.detail).toMatch(message);
});
