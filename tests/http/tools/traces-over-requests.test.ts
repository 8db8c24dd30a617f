import { expect, test } from 'vitest';
import { startApp } from '../../../src/app/app.ts';
import { loadConfig } from '../../../src/config.ts';
import { spanJobs } from '../../../src/ingestion/spans/forget-spans.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { HOUR } from '../../../src/time.ts';
import { JWT_SECRET, tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const start = BigInt(Date.now() - 60_000) * 1_000_000n;

interface Span {
  id: number;
  parent?: number;
  /** Tokens; none for a call whose usage is unknown. */
  input?: number;
  isCall?: boolean;
  isFailed?: boolean;
}

/** A request with spans of one trace. Those that are calls have the attributes of plain conventions. */
function requestOf(trace: number, spans: readonly Span[]) {
  const idOf = (number: number, digits: number) => number.toString(16).padStart(digits, '0');
  return {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: spans.map(({ id, parent, input, isCall = true, isFailed }) => ({
              traceId: idOf(trace, 32),
              spanId: idOf(id, 16),
              ...(parent !== undefined && { parentSpanId: idOf(parent, 16) }),
              startTimeUnixNano: String(start),
              endTimeUnixNano: String(start + 1_000_000_000n),
              ...(isFailed && { status: { code: 2 } }),
              attributes: [
                ...(isCall ? [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }] : []),
                ...(isCall ? [{ key: 'gen_ai.request.model', value: { stringValue: 'gpt-4o' } }] : []),
                ...(input ? [{ key: 'gen_ai.usage.input_tokens', value: { intValue: String(input) } }] : []),
              ],
            })),
          },
        ],
      },
    ],
  };
}

async function send(org: string, request: object, origin = service.origin) {
  const response = await fetch(`${origin}/v1/traces`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await tokenOf(['ingest'], [org])}`,
    },
    body: JSON.stringify(request),
  });
  expect([response.status, await response.text()]).toEqual([200, '{}']);
}

async function inputsOf(org: string): Promise<number[]> {
  const { rows } = await service.database.pool.query(
    'select coalesce(input_tokens, 0)::int as input from analytics.events where org_id = $1 order by 1',
    [org],
  );
  return rows.map(({ input }) => input);
}

test.each([
  [
    'a parent that arrives after its child is not counted',
    [[{ id: 2, parent: 1, input: 10 }], [{ id: 1, input: 10 }]],
    [10],
  ],
  [
    'a child that arrives after its parent was counted is not counted',
    [[{ id: 1, input: 10 }], [{ id: 2, parent: 1, input: 10 }]],
    [10],
  ],
  [
    'a parent is known over a span between them that arrives in a request of its own',
    [[{ id: 3, parent: 2, input: 10 }], [{ id: 2, parent: 1, isCall: false }], [{ id: 1, input: 10 }]],
    [10],
  ],
  [
    'a child is known over a span between them, in whatever request that was',
    [
      [
        { id: 1, input: 10 },
        { id: 2, parent: 1, isCall: false },
      ],
      [{ id: 3, parent: 2, isCall: false }],
      [{ id: 4, parent: 3, input: 10 }],
    ],
    [10],
  ],
  [
    'a parent over a child in its own request is known for the child of an earlier one',
    [
      [{ id: 3, parent: 2, input: 10 }],
      [
        { id: 2, parent: 1, isCall: false },
        { id: 1, input: 10 },
      ],
    ],
    [10],
  ],
  [
    'a failed parent of a failed child counts once',
    [[{ id: 2, parent: 1, isFailed: true }], [{ id: 1, isFailed: true }]],
    [0],
  ],
  ['usage is never lost: a parent alone has it', [[{ id: 2, parent: 1 }], [{ id: 1, input: 10 }]], [0, 10]],
  [
    'usage is never lost: a late child alone has it',
    [[{ id: 1 }], [{ id: 2, parent: 1, input: 10 }]],
    [0, 10],
  ],
  [
    'siblings in several requests all count',
    [[{ id: 2, parent: 1, input: 10 }], [{ id: 3, parent: 1, input: 20 }]],
    [10, 20],
  ],
] satisfies [string, Span[][], number[]][])('%s', async (org, requests, expected) => {
  for (const spans of requests) await send(org, requestOf(1, spans));
  for (const spans of requests) await send(org, requestOf(1, spans));
  expect(await inputsOf(org)).toEqual(expected);
});

test('the memory is that of an org', async () => {
  await send('one', requestOf(1, [{ id: 2, parent: 1, input: 10 }]));
  await send('two', requestOf(1, [{ id: 1, input: 10 }]));
  expect(await inputsOf('two')).toEqual([10]);
});

test('a refused child does not hide its parent', async () => {
  const refused = requestOf(1, [{ id: 2, parent: 1, input: 10 }]);
  for (const { scopeSpans } of refused.resourceSpans)
    for (const { spans } of scopeSpans)
      for (const span of spans) span.startTimeUnixNano = '1600000000000000000';
  const token = await tokenOf(['ingest'], ['refused']);
  const { json } = await service.call('/v1/traces', { body: refused, token });
  expect(json.partialSuccess.rejectedSpans).toBe('1');
  await send('refused', requestOf(1, [{ id: 1, input: 10 }]));
  expect(await inputsOf('refused')).toEqual([10]);
});

test('another process knows it, also after a restart', async () => {
  await send('processes', requestOf(1, [{ id: 2, parent: 1, input: 10 }]));
  const settings = { HTTP_PORT: '0', JWT_SECRET, DATABASE_URL: service.database.url, ROLES: 'api,ingest' };
  const app = await startApp(
    loadConfig(settings),
    createLog({ level: 'fatal', destination: { write: () => {} } }),
  );
  await send('processes', requestOf(1, [{ id: 1, input: 10 }]), app.address).finally(() => app.stop());
  expect(await inputsOf('processes')).toEqual([10]);
});

test('marks are removed after their time', async () => {
  await send('expiring', requestOf(1, [{ id: 2, parent: 1, input: 10 }]));
  const { pool } = service.database;
  const count = async () =>
    (await pool.query("select 1 from analytics.counted_spans where org_id = 'expiring'")).rowCount;
  const runAt = async (later: number) => {
    for (const job of spanJobs({ pool, clock: { now: () => Date.now() + later }, traceMemory: HOUR }))
      await job.run(new AbortController().signal);
  };
  await runAt(HOUR / 2);
  expect(await count()).toBe(1);
  await runAt(HOUR + 1);
  expect(await count()).toBe(0);
});

test('a parent with an id that no span can have is not remembered', async () => {
  for (const [index, parentSpanId] of ['\0'.repeat(16), 'x'.repeat(100_000)].entries()) {
    const request = requestOf(300 + index, [{ id: 1, input: 10 }]);
    const [span] = request.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
    Object.assign(span ?? {}, { parentSpanId });
    await send('odd-parents', request);
  }
  const { rows } = await service.database.pool.query(
    `select above, below from analytics.counted_spans where org_id = 'odd-parents'`,
  );
  const marks = { above: [], below: ['0000000000000001'] };
  expect(rows).toEqual([marks, marks]);
});
