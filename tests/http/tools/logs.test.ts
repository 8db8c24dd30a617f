import { describe, expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';
import { type AgentLog, logsAsProtobuf, logsRequest } from './agent-logs.ts';
import { asProtobuf, otlpSample } from './otlp-samples.ts';

const service = useService();
const LOGS = '/v1/logs';
const PROTOBUF = 'application/x-protobuf';
const at = Date.now() - 60_000;

async function send(path: string, org: string, body: unknown, contentType = 'application/json') {
  const token = await tokenOf(['ingest'], [org]);
  return service.call(path, { method: 'POST', token, body, headers: { 'content-type': contentType } });
}

async function stored(org: string) {
  const { rows } = await service.database.pool.query(
    `select model_id as model, provider, client_id as client, status, error_code as error, input_tokens::int as input,
            cached_input_tokens::int as cached, cache_write_tokens::int as written, output_tokens::int as output,
            reasoning_tokens::int as reasoning, cost::int as nanos, value::int as micros, occurred_at as at
       from analytics.events where org_id = $1 order by status desc, output_tokens`,
    [org],
  );
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name, value]) => value !== null && name !== 'at')),
  );
}

const claude: AgentLog[] = [
  {
    at,
    body: 'claude_code.api_request',
    attributes: {
      ...{ 'event.name': 'api_request', 'session.id': 's1', 'event.sequence': 3 },
      ...{
        model: 'claude-sonnet-4-5-20250929',
        cost_usd: 0.0109,
        duration_ms: 4000,
        request_id: 'req_011CX7J5',
      },
      ...{ input_tokens: 100, output_tokens: 300, cache_read_tokens: 9000, cache_creation_tokens: 500 },
    },
  },
  {
    at,
    body: 'claude_code.api_error',
    attributes: {
      ...{ 'event.name': 'api_error', 'session.id': 's1', 'event.sequence': 4, error: 'Erika is overloaded' },
      ...{ model: 'us.anthropic.claude-haiku-4-5', status_code: '429', duration_ms: 120, attempt: 2 },
    },
  },
  { at, body: 'claude_code.user_prompt', attributes: { 'event.name': 'user_prompt', prompt: 'Erika' } },
];

const gemini: AgentLog[] = [
  {
    at,
    body: 'API response from gemini-2.5-pro. Status: 200.',
    attributes: {
      ...{ 'event.name': 'gemini_cli.api_response', 'session.id': 's2', model: 'gemini-2.5-pro' },
      ...{ input_token_count: 100, output_token_count: 10, cached_content_token_count: 40 },
      ...{ thoughts_token_count: 5, tool_token_count: 7, duration_ms: 900, status_code: 200 },
    },
  },
];

function codexEvent(kind: string, rest: Record<string, string | number>): AgentLog {
  return {
    at,
    attributes: {
      'event.name': 'codex.sse_event',
      'event.kind': kind,
      'conversation.id': 'c1',
      model: 'gpt-5-codex',
      ...rest,
    },
  };
}
const codex: AgentLog[] = [
  codexEvent('response.output_text.delta', { duration_ms: 1 }),
  codexEvent('response.completed', {
    ...{ input_token_count: 2000, cached_token_count: 1500, output_token_count: 80 },
    ...{ reasoning_token_count: 30, tool_token_count: 2080 },
  }),
];

const cases: [string, string, AgentLog[], object[]][] = [
  [
    'Claude Code',
    'com.anthropic.claude_code.events',
    claude,
    [
      {
        ...{ model: 'us.anthropic.claude-haiku-4-5', status: 'throttled', error: '429' },
        ...{ client: 'events', nanos: 0, micros: 120_000 },
      },
      {
        ...{
          model: 'claude-sonnet-4-5-20250929',
          provider: 'anthropic',
          client: 'events',
          status: 'success',
        },
        ...{ input: 9600, cached: 9000, written: 500, output: 300, nanos: 10_900_000, micros: 4_000_000 },
      },
    ],
  ],
  [
    'Gemini CLI',
    'gemini-cli',
    gemini,
    [
      {
        ...{ model: 'gemini-2.5-pro', provider: 'google', client: 'gemini-cli', status: 'success' },
        ...{ input: 107, cached: 40, output: 15, reasoning: 5, micros: 900_000 },
      },
    ],
  ],
  [
    'Codex',
    'codex_otel',
    codex,
    [
      {
        ...{ model: 'gpt-5-codex', provider: 'openai', client: 'codex_otel', status: 'success' },
        ...{ input: 2000, cached: 1500, output: 80, reasoning: 30 },
      },
    ],
  ],
];

describe('logs of coding agents', () => {
  test.each(cases)('count the calls of %s once, in both encodings', async (name, scope, logs, expected) => {
    const org = name.toLowerCase().replace(' ', '-');
    const request = logsRequest(scope, logs);
    expect(await send(LOGS, org, request)).toMatchObject({ status: 200, text: '{}' });
    expect(await stored(org)).toEqual(expected);
    const again = await send(LOGS, org, logsAsProtobuf(request), PROTOBUF);
    expect([again.status, again.text, again.headers.get('content-type')]).toEqual([200, '', PROTOBUF]);
    expect(await stored(org)).toEqual(expected);
    await send(LOGS, `${org}-protobuf`, logsAsProtobuf(request), PROTOBUF);
    expect(await stored(`${org}-protobuf`)).toEqual(expected);
  });

  test('begin when the call began, not when it was logged', async () => {
    await send(LOGS, 'begin', logsRequest('gemini-cli', gemini));
    const { rows } = await service.database.pool.query(
      `select occurred_at as at from analytics.events where org_id = 'begin'`,
    );
    expect(rows[0].at.getTime()).toBe(at - 900);
  });

  test('leave nothing of prompts and messages in the database and the log', async () => {
    await send(LOGS, 'secret', logsRequest('com.anthropic.claude_code.events', claude));
    const { rows } = await service.database.pool.query(
      "select e::text from analytics.events e where org_id = 'secret'",
    );
    expect(rows).toHaveLength(2);
    expect(JSON.stringify([rows, service.log])).not.toContain('Erika');
  });

  test('that are refused do not stop the others, and are named', async () => {
    const [good] = gemini;
    if (!good) throw new Error('there is a record');
    const bad = { ...good, attributes: { ...good.attributes, output_token_count: -9 } };
    const old = { ...good, at: at - 401 * 86_400_000 };
    const nameless = { ...good, attributes: { ...good.attributes, model: '' } };
    const { status, json } = await send(LOGS, 'some', logsRequest('gemini-cli', [bad, old, nameless, good]));
    expect([status, json.partialSuccess.rejectedLogRecords]).toEqual([200, '3']);
    expect(json.partialSuccess.errorMessage).toMatch(/outputTokens must.*400 days ago.*model is required/);
    expect(await stored('some')).toHaveLength(1);
  });
});

describe('what is sent to the path of another signal is told where it belongs', () => {
  const traces = otlpSample('01-otlp-semconv-openai');
  const logs = logsRequest('gemini-cli', gemini);
  test('as JSON', async () => {
    const wrong = await send('/v1/traces', 'wrong', logs);
    expect(wrong).toMatchObject({ status: 400, json: { code: 3 } });
    expect(wrong.json.message).toContain('send logs to /v1/logs');
    expect((await send(LOGS, 'wrong', traces)).json.message).toContain('send traces to /v1/traces');
    expect((await send(LOGS, 'wrong', { resourceMetrics: [] })).json.message).toContain(
      'send metrics to /v1/metrics',
    );
  });

  test('as protobuf', async () => {
    const wrong = await send('/v1/traces', 'wrong', logsAsProtobuf(logs), PROTOBUF);
    expect([wrong.status, wrong.headers.get('content-type')]).toEqual([400, PROTOBUF]);
    expect(wrong.text).toContain('logs to /v1/logs');
    const other = await send(LOGS, 'wrong', asProtobuf(traces), PROTOBUF);
    expect(other.status).toBe(400);
    expect(other.text).toContain('traces to /v1/traces');
  });
});
