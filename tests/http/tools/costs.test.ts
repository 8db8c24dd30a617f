/** What the calls of every tool cost, by the prices of the table or as their sender says. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { DAY } from '../../../src/time.ts';
import { putModelPrice } from '../../support/events/prices.ts';
import { runCommand } from '../../support/service/run-command.ts';
import { tokenOf, useService } from '../../support/service/service.ts';
import { asProtobuf, otlpSample, sampleText } from './otlp-samples.ts';

const service = useService();

/** Dollars for a million tokens: input, cache read, cache write, output. */
const prices = [
  ['openai', 'gpt-4o-mini', 0.15, 0.075, undefined, 0.6],
  ['openai', 'gpt-4o', 2.5, 1.25, undefined, 10],
  ['anthropic', 'claude-sonnet-4-5', 3, 0.3, 3.75, 15],
  ['bedrock', 'claude-sonnet-4-5', 3, 0.3, 3.75, 15],
] as const;

beforeAll(async () => {
  for (const [provider, model, input, read, write, output] of prices) {
    await putModelPrice(service.database.pool, {
      ...{ provider, model, effectiveFrom: '2020-01-01' },
      ...{ usdPerMillionInputTokens: input, usdPerMillionOutputTokens: output },
      ...{ usdPerMillionCacheReadTokens: read, usdPerMillionCacheWriteTokens: write },
    });
  }
});

async function totalsOf(org: string) {
  while ((await rollUp(service.database.pool)) > 0);
  const query = new URLSearchParams({ start: new Date(Date.now() - 300 * DAY).toISOString() });
  const { totals } = (await service.call(`/analytics/v1/orgs/${org}/usage?${query}`)).json;
  const { invocations, costUsd, unpricedInvocations } = totals;
  return { invocations, costUsd, unpricedInvocations };
}

async function send(path: string, org: string, body: unknown, type = 'application/json') {
  const token = await tokenOf(['ingest'], [org]);
  const headers = { 'content-type': type };
  expect(await service.call(path, { method: 'POST', token, body, headers })).toMatchObject({ status: 200 });
}

const TRACES = '/v1/traces';

test.each([
  { name: '01-otlp-semconv-openai', path: TRACES, calls: 1, costUsd: '0.000315', unpriced: 0 },
  { name: '02-otlp-vercel-ai-v5-legacy', path: TRACES, calls: 2, costUsd: '0.005925', unpriced: 0 },
  { name: '03-otlp-vercel-ai-v7-agent', path: TRACES, calls: 2, costUsd: '0.02895', unpriced: 0 },
  // Only the stream whose usage never came is a success that somebody pays for.
  { name: '05-otlp-failures-and-missing-usage', path: TRACES, calls: 4, costUsd: '0.000135', unpriced: 1 },
  {
    name: '08-langfuse-otel',
    path: '/api/public/otel/v1/traces',
    calls: 1,
    costUsd: '0.012675',
    unpriced: 0,
  },
])('$name costs $costUsd dollars, as JSON and as protobuf', async ({ name, path, calls, ...cost }) => {
  const expected = { invocations: calls, costUsd: cost.costUsd, unpricedInvocations: cost.unpriced };
  const request = otlpSample(name);
  await send(path, name, request);
  expect(await totalsOf(name)).toEqual(expected);
  await send(path, `${name}-protobuf`, asProtobuf(request), 'application/x-protobuf');
  expect(await totalsOf(`${name}-protobuf`)).toEqual(expected);
});

test('calls of LiteLLM cost what it says, and those from its cache nothing', async () => {
  await send('/ingest/litellm', 'litellm', JSON.parse(sampleText('06-litellm-generic-api')));
  expect(await totalsOf('litellm')).toEqual({ invocations: 3, costUsd: '0.0105', unpricedInvocations: 0 });
});

test('a log of Bedrock is priced by the model of its inference profile', async () => {
  const file = join(import.meta.dirname, 'samples/10-bedrock-invocation-log.ndjson');
  for (const stored of [2, 0]) {
    const args = ['import', file, '--format', 'bedrock', '--set', 'orgId=bedrock'];
    const { output, complaint, code } = await runCommand(args, { DATABASE_URL: service.database.url });
    expect({ complaint, code }).toEqual({ complaint: '', code: 0 });
    expect(output).toMatch(new RegExp(`stored +${stored}\\n`));
  }
  expect(await totalsOf('bedrock')).toEqual({ invocations: 2, costUsd: '0.00585', unpricedInvocations: 0 });
});
