import { describe, expect, test } from 'vitest';
import { useService } from '../../support/service/service.ts';

const service = useService();

function ask(question: string, org = 'acme') {
  return service.call(`/analytics/v1/orgs/${org}/${question}`);
}

const tautology = encodeURIComponent("' or 1=1; drop table analytics.rollups; --");

describe.each(['usage', 'reliability'])('a query of %s', (topic) => {
  test.each<[string, string, string]>([
    ['ends before it starts', 'start=2026-02-01T00:00:00Z&end=2026-01-01T00:00:00Z', 'start'],
    ['ends when it starts', 'start=2026-01-01T00:00:00Z&end=2026-01-01T01:00:00%2B01:00', 'start'],
    ['starts on a day that does not exist', 'start=2026-02-30T00:00:00Z', 'start'],
    ['ends at a word', 'end=tomorrow', 'end'],
    ['starts at SQL', `start=${tautology}`, 'start'],
    ['starts twice', 'start=2026-01-01T00:00:00Z&start=2026-01-02T00:00:00Z', 'start'],
    ['is in an unknown zone', 'timezone=Mars/Olympus', 'timezone'],
    ['is in a zone of SQL', `timezone=${tautology}`, 'timezone'],
    ['is in an empty zone', 'timezone=', 'timezone'],
    ['has an unknown granularity', 'granularity=second', 'granularity'],
    ['has SQL as granularity', `granularity=${tautology}`, 'granularity'],
    ['is grouped by an unknown dimension', 'groupBy=orgId', 'groupBy'],
    ['is about an empty model', 'modelId=', 'modelId'],
    ['is about a model of 10,000 characters', `modelId=${'a'.repeat(10_000)}`, 'modelId'],
    ['names another org beside the path', 'orgId=globex', 'orgId'],
    ['has an unknown parameter', 'model_id=gpt', 'model_id'],
    ['has a prototype', '__proto__[a]=1', '__proto__[a]'],
  ])('that %s is refused by the name of the parameter', async (_, query, name) => {
    const { status, headers, json } = await ask(`${topic}?${query}`);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(json).toMatchObject({ code: 'invalid_request', errors: [{ path: name }] });
    expect(json.detail).toContain(name);
  });

  test.each(['modelId=%27%20or%201%3D1%3B--', 'modelId=%25', 'modelId=_'])(
    'accepts %s as the name of a model',
    async (query) => {
      const { status, json } = await ask(`${topic}?${query}`);
      expect(status).toBe(200);
      expect(json.totals.invocations).toBe(0);
    },
  );

  test('refuses an org name that is too long', async () => {
    expect((await ask(topic, 'a'.repeat(300))).json).toMatchObject({
      status: 400,
      errors: [{ path: 'orgId' }],
    });
    expect((await ask(topic, 'a'.repeat(10_000))).status).toBe(400);
    expect((await ask(topic, "acme'%20or%20'a'='a")).json.totals.invocations).toBe(0);
  });

  test('refuses NUL bytes', async () => {
    for (const answer of [await ask(`${topic}?modelId=%00`), await ask(topic, 'ac%00me')]) {
      expect(answer.json).toMatchObject({ status: 400, code: 'invalid_request' });
    }
  });
});

test.each([
  [
    'reliability?percentile=p100,abc',
    'percentile',
    'must be one to ten percentiles from p0 to p99.999, separated by commas, such as p50,p99.9',
  ],
  ['usage?start=2026-02-30T00:00:00Z', 'start', 'must be on a day that exists; 2026-02-30 does not'],
  ['usage?start=2026-02-01T25:00:00Z', 'start', expect.stringMatching(/^must be an ISO 8601 date and time/)],
  [
    'usage?timezone=Etc/GMT+12',
    'timezone',
    expect.stringMatching(/^must be an IANA time zone.*; write the \+ of a zone as %2B in a URL$/),
  ],
  [
    'usage?start=2026-02-01T00:00:00+02:00',
    'start',
    expect.stringMatching(/^must be an ISO 8601 .*; write the \+ of a zone as %2B in a URL$/),
  ],
  ['usage?start=2026-01-01T00:00:00Z&start=2026-01-02T00:00:00Z', 'start', 'is given 2 times; give it once'],
  ['usage?groupBy=model&groupBy=model&groupBy=client', 'groupBy', 'is given 3 times; give it once'],
])('%s is refused, with what is allowed', async (question, path, message) => {
  expect((await ask(question)).json.errors).toEqual([{ path, message }]);
});

test.each(['p0.00001', 'p101', 'p50,', 'max', 'p-1', '50', tautology])(
  'the percentile %s is refused',
  async (percentile) => {
    expect((await ask(`reliability?percentile=${percentile}`)).json).toMatchObject({
      status: 400,
      errors: [{ path: 'percentile' }],
    });
  },
);

test.each([
  ['health/api?limit=0', 'limit', 'must be a whole number from 1 to 500'],
  ['health/api?limit=some', 'limit', 'must be a whole number from 1 to 500'],
  ['business/products?offset=1.5', 'offset', 'must be a whole number from 0 to 1000000'],
  ['business/products?collection=', 'collection', 'must be text of 1 to 200 characters'],
  [`ml/overview?provider=${'x'.repeat(101)}`, 'provider', 'must be text of 1 to 100 characters'],
])('%s is refused, with the range of allowed values', async (question, path, message) => {
  const { status, json } = await service.call(`/api/v1/analytics/${question}`);
  expect(status).toBe(400);
  expect(json.errors).toEqual([{ path, message }]);
});
