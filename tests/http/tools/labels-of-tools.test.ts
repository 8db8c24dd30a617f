/** What tools know of a call besides its model becomes labels, so that teams need not send them in another way. */
import { expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';
import { asProtobuf, otlpSample, sampleText } from './otlp-samples.ts';

const service = useService();

async function send(path: string, org: string, body: unknown, type = 'application/json') {
  const token = await tokenOf(['ingest'], [org]);
  const answer = await service.call(path, { token, body, headers: { 'content-type': type } });
  expect(answer.status).toBe(200);
}

async function labelsOf(org: string) {
  const { rows } = await service.database.pool.query(
    'select labels from analytics.events where org_id = $1 order by occurred_at',
    [org],
  );
  return rows.map(({ labels }) => labels);
}

interface Scoped {
  spans: { attributes: object[] }[];
}

function attribute(key: string, value: object) {
  return { key, value };
}

test('OTLP: attributes of a span, and of its resource, in both encodings', async () => {
  const request = otlpSample('01-otlp-semconv-openai');
  const [{ resource, scopeSpans }] = request.resourceSpans;
  resource.attributes.push(
    attribute('tidemark.label.team', { stringValue: 'search' }),
    attribute('tidemark.label.env', { stringValue: 'prod' }),
  );
  for (const { attributes } of scopeSpans.flatMap(({ spans }: Scoped) => spans)) {
    attributes.push(
      attribute('tidemark.label.team', { stringValue: ` ${'x'.repeat(300)} ` }),
      attribute('tidemark.label.build', { intValue: '7' }),
      attribute('tidemark.label.no label', { stringValue: 'left out' }),
      attribute('tidemark.label.empty', { stringValue: '' }),
    );
  }
  await send('/v1/traces', 'json', request);
  await send('/v1/traces', 'protobuf', asProtobuf(request), 'application/x-protobuf');
  const expected = [{ build: '7', env: 'prod', team: 'x'.repeat(200) }];
  expect(await labelsOf('json')).toEqual(expected);
  expect(await labelsOf('protobuf')).toEqual(expected);
});

test('OTLP: no more labels than an event may have, those of the span first', async () => {
  const request = otlpSample('01-otlp-semconv-openai');
  const [{ resource, scopeSpans }] = request.resourceSpans;
  const many = (name: string) =>
    Array.from({ length: 15 }, (_, index) =>
      attribute(`tidemark.label.${name}${index}`, { stringValue: 'v' }),
    );
  resource.attributes.push(...many('resource'));
  for (const { attributes } of scopeSpans.flatMap(({ spans }: Scoped) => spans))
    attributes.push(...many('span'));
  await send('/v1/traces', 'many', request);
  const [labels] = await labelsOf('many');
  const keys = Object.keys(labels);
  expect(keys).toHaveLength(20);
  expect(keys.filter((key) => key.startsWith('span'))).toHaveLength(15);
});

test('LiteLLM: the team, the group of models, the end user and the tags', async () => {
  const [call] = JSON.parse(sampleText('06-litellm-generic-api'));
  const startTime = Date.now() / 1_000 - 3_600;
  const tags = ['env:prod', 'nightly', 'batch', 'User-Agent: litellm/1.2', 'a b:c', 7];
  await send('/ingest/litellm', 'litellm', [
    { ...call, id: 'one', startTime, endTime: startTime, request_tags: tags },
    {
      ...call,
      id: 'two',
      startTime: startTime + 1,
      endTime: startTime + 1,
      request_tags: null,
      metadata: null,
    },
  ]);
  expect(await labelsOf('litellm')).toEqual([
    {
      ...{ team: 'Search', model_group: 'smart', end_user: 'cust-4411', env: 'prod' },
      ...{ 'User-Agent': 'litellm/1.2', tags: 'a b:c,batch,nightly' },
    },
    { model_group: 'smart' },
  ]);
});
