import { describe, expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';

const ANSWER = 'chatcmpl-0123456789abcdefghijklmn';
const at = Date.now() - 60_000;

/** One call as an application, a gateway and Langfuse report it. Each has its own clock and its own trace. */
const reports = {
  application: ['/v1/traces', spanOf('1', at, { 'gen_ai.operation.name': 'chat', ...plainUsage() })],
  gateway: [
    '/ingest/litellm',
    [
      {
        ...{
          id: ANSWER,
          litellm_call_id: 'a-call',
          call_type: 'acompletion',
          status: 'success',
          model: 'gpt-4o',
        },
        ...{
          startTime: at / 1_000 + 0.004,
          endTime: at / 1_000 + 0.9,
          prompt_tokens: 70,
          completion_tokens: 9,
        },
      },
    ],
  ],
  langfuse: [
    '/api/public/otel/v1/traces',
    spanOf('2', at + 2, { 'langfuse.observation.type': 'generation', ...plainUsage() }),
  ],
} as const;

function plainUsage() {
  return {
    ...{ 'gen_ai.request.model': 'gpt-4o', 'gen_ai.response.id': ANSWER },
    ...{ 'gen_ai.usage.input_tokens': 70, 'gen_ai.usage.output_tokens': 9 },
  };
}

function spanOf(digit: string, start: number, values: Record<string, string | number>) {
  const attributes = Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
  }));
  const ids = { traceId: digit.repeat(32), spanId: digit.repeat(16) };
  const times = { startTimeUnixNano: `${start}000000`, endTimeUnixNano: `${start + 900}000000` };
  return { resourceSpans: [{ scopeSpans: [{ spans: [{ ...ids, ...times, attributes }] }] }] };
}

async function sendAll(service: ReturnType<typeof useService>, org: string, order: (keyof typeof reports)[]) {
  const token = await tokenOf(['ingest'], [org]);
  for (const name of order) {
    const [path, body] = reports[name];
    expect((await service.call(path, { body, token })).status).toBe(200);
  }
  const { rows } = await service.database.pool.query(
    'select sum(input_tokens)::int as input, count(*)::int as calls from analytics.events where org_id = $1',
    [org],
  );
  return rows[0];
}

describe('one call that three tools report', () => {
  const service = useService();
  test.each([
    ['application', 'gateway', 'langfuse'],
    ['gateway', 'langfuse', 'application'],
    ['langfuse', 'application', 'gateway'],
  ] as const)('counts once: %s, %s, %s', async (...order) => {
    expect(await sendAll(service, order.join('-'), [...order])).toEqual({ input: 70, calls: 1 });
  });
});

describe('CALL_IDENTITY=report', () => {
  const service = useService({ CALL_IDENTITY: 'report' });
  test('counts each report, for caches that replay the ids of old answers', async () => {
    const order = ['application', 'gateway', 'langfuse', 'application'] as const;
    expect(await sendAll(service, 'each', [...order])).toEqual({ input: 210, calls: 3 });
  });
});

describe('what Langfuse asks beside traces', () => {
  const service = useService();
  test('is answered: scores are accepted and dropped, and a key is checked', async () => {
    const made = await service.call('/analytics/v1/api-keys', {
      body: { name: 'langfuse', role: 'ingest', orgs: ['shop'] },
    });
    const headers = { authorization: `Basic ${Buffer.from(`pk-lf-1:${made.json.key}`).toString('base64')}` };
    const batch = [
      { id: 'score-1', type: 'score-create', timestamp: '2026-01-01T00:00:00Z', body: { value: 1 } },
    ];
    const call = (path: string, body?: object) => service.call(path, { token: null, headers, body });
    expect(await call('/api/public/ingestion', { batch })).toMatchObject({
      status: 207,
      json: { successes: [{ id: 'score-1', status: 201 }], errors: [] },
    });
    expect((await call('/api/public/ingestion', {})).status).toBe(400);
    expect((await call('/api/public/projects')).json.data).toMatchObject([{ id: 'shop', name: 'shop' }]);
    const wrong = { authorization: `Basic ${Buffer.from('pk-lf-1:sk-lf-wrong').toString('base64')}` };
    const refused = await service.call('/api/public/projects', { token: null, headers: wrong });
    expect(refused.status).toBe(401);
    const health = await service.call('/api/public/health', { token: null });
    expect(health).toMatchObject({ status: 200, json: { status: 'OK' } });
    const { rows } = await service.database.pool.query(
      "select 1 from analytics.events where org_id = 'shop'",
    );
    expect(rows).toEqual([]);
  });
});
