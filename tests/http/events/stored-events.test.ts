/** Raw events of an org, as a list and as files. */
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const NOW = Date.now();

function usage(orgId: string, id: string, agoSeconds: number, more: object = {}) {
  return {
    ...{ eventId: id, orgId, occurredAt: new Date(NOW - agoSeconds * 1_000).toISOString() },
    ...{ modelId: 'gpt-4o', status: 'success', latencyMs: 12.5, inputTokens: 10, outputTokens: 20 },
    ...{ costEstimateCents: 0.0123, correlationId: 'c-1' },
    ...more,
  };
}

async function store(...events: object[]): Promise<void> {
  const { json } = await service.call('/analytics/v1/events', { body: events });
  expect(json).toMatchObject({ received: events.length, stored: events.length });
  await rollUp(service.database.pool);
}

/** Answers of a member of the org. */
async function ask(orgId: string, path: string, role: 'engineer' | 'finance' = 'engineer') {
  const token = await tokenOf([role], [orgId]);
  return service.call(`/analytics/v1/orgs/${encodeURIComponent(orgId)}/${path}`, { token });
}

function idsOf({ json }: { json: { events: { eventId: string }[] } }): string[] {
  return json.events.map(({ eventId }) => eventId);
}

describe('the list', () => {
  const ORG = 'list/"org"';
  beforeAll(() =>
    store(
      usage(ORG, 'a', 300),
      usage(ORG, 'b', 200, {
        status: 'error',
        errorCode: 'overloaded',
        modelId: 'claude',
        labels: { team: 'red' },
      }),
      usage(ORG, 'c', 100, { clientId: 'web', metadata: { team: 'search', tries: 3 }, correlationId: 'c-2' }),
      {
        type: 'inventory',
        eventId: 'd',
        orgId: ORG,
        occurredAt: new Date(NOW - 50_000),
        sku: 's',
        quantity: 3,
      },
    ),
  );

  test('shows events as they were sent, the newest first', async () => {
    const { json } = await ask(ORG, 'events');
    expect(idsOf({ json })).toEqual(['d', 'c', 'b', 'a']);
    expect(json.events[1]).toEqual({
      ...usage(ORG, 'c', 100, { clientId: 'web', correlationId: 'c-2' }),
      ...{ type: 'usage', receivedAt: expect.any(String), actorId: null, errorCode: null },
      ...{ cachedInputTokens: null, cacheWriteInputTokens: null, reasoningTokens: null },
      ...{ cacheWriteHourInputTokens: null, images: null },
      ...{ provider: null, serviceTier: null, timeToFirstTokenMs: null, costSource: 'given', labels: null },
      ...{ costUsd: 0.000123, metadata: { team: 'search', tries: '3' } },
    });
    expect(json.next).toBeNull();
  });

  test.each([
    ['type=inventory', ['d']],
    ['modelId=claude', ['b']],
    ['status=error', ['b']],
    ['errorCode=overloaded', ['b']],
    ['clientId=web', ['c']],
    ['correlationId=c-2', ['c']],
    ['label.team=red', ['b']],
    ['label.team=green', []],
    ['modelId=nobody', []],
  ])('is narrowed by %s', async (query, ids) => {
    expect(idsOf(await ask(ORG, `events?${query}`))).toEqual(ids);
  });

  test('is narrowed to a range, which includes its start and excludes its end', async () => {
    const at = (ago: number) => new Date(NOW - ago * 1_000).toISOString();
    expect(idsOf(await ask(ORG, `events?start=${at(200)}&end=${at(100)}`))).toEqual(['b']);
  });

  test('has pages that stay the same while events arrive', async () => {
    const org = 'pages';
    await store(...Array.from({ length: 5 }, (_, n) => usage(org, `e${n}`, 100)));
    const first = await ask(org, 'events?limit=2');
    await store(usage(org, 'new', 10), usage(org, 'late', 500));
    const second = await ask(org, `events?limit=2&after=${first.json.next}`);
    const third = await ask(org, `events?limit=2&after=${second.json.next}`);
    const ids = [first, second, third].map(idsOf);
    expect(ids.map(({ length }) => length)).toEqual([2, 2, 2]);
    expect(ids.flat().toSorted()).toEqual(['e0', 'e1', 'e2', 'e3', 'e4', 'late']);
    expect(third.json.next).toBeNull();
  });
});

describe('the file', () => {
  const ORG = '../=org;"x"';
  beforeAll(() =>
    store(
      usage(ORG, '=cmd()', 20, { metadata: { a: 'x,"y"', b: '=1' }, actorId: '@me' }),
      usage(ORG, 'second', 10, { status: 'timeout', latencyMs: 0.001 }),
      usage(ORG, 'third', 5, { costEstimateCents: 0 }),
    ),
  );

  test('has the columns that other programs read first, in their order', async () => {
    const { text, headers } = await ask(ORG, 'events.csv');
    expect(text.split('\r\n')[0]).toMatch(
      /^event_id,org_id,occurred_at,received_at,model_id,actor_id,input_tokens,output_tokens,latency_ms,status,error_code,cost_estimate_cents,metadata,/,
    );
    expect(headers.get('content-type')).toMatch('text/csv');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="events-_._=?_?[\w.-]+\.csv"$/);
    expect(headers.get('tidemark-truncated')).toBeNull();
  });

  test('protects texts from being read as formulas, unless raw', async () => {
    const read = async (query: string) =>
      parse((await ask(ORG, `events.csv?${query}`)).text, { columns: true }) as Record<string, string>[];
    const last = (await read('')).at(-1);
    expect(last).toMatchObject({
      event_id: "'=cmd()",
      actor_id: "'@me",
      latency_ms: '12.5',
      cost_estimate_cents: '0.0123',
    });
    expect(JSON.parse(last?.metadata ?? '')).toEqual({ a: 'x,"y"', b: '=1' });
    expect((await read('raw=true')).at(-1)).toMatchObject({ event_id: '=cmd()', actor_id: '@me' });
    expect((await read('status=timeout')).map(({ latency_ms }) => latency_ms)).toEqual(['0.001']);
  });

  test.each([
    'type=usage',
    'type=inventory',
    'clientId=web',
    'correlationId=c-2',
    'metadata=team=search',
    'label.team=red',
    'status=error&errorCode=overloaded',
    'modelId=claude',
    'modelId=never-was',
  ])('has the events that the list has: %s', async (query) => {
    const org = 'list/"org"';
    const listed = idsOf(await ask(org, `events?${query}`));
    const { text } = await ask(org, `events.csv?${query}`);
    const rows = parse(text, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ event_id: id }) => id)).toEqual(listed);
    const ndjson = await ask(org, `events.ndjson?${query}`);
    const lines = ndjson.text.split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line).event_id)).toEqual(listed);
    const cut = await ask(org, `events.csv?${query}&limit=1`);
    expect(cut.headers.get('tidemark-truncated')).toBe(
      listed.length > 1 ? `rows=1; matched=${listed.length}` : null,
    );
  });

  test('begins with a byte order mark if asked', async () => {
    const token = await tokenOf(['engineer'], [ORG]);
    const path = `${service.origin}/analytics/v1/orgs/${encodeURIComponent(ORG)}/events.csv?bom=true`;
    const response = await fetch(path, { headers: { authorization: `Bearer ${token}` } });
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect([...bytes.slice(0, 4)]).toEqual([0xef, 0xbb, 0xbf, 'e'.charCodeAt(0)]);
  });

  test('says in its header and its name that it is truncated', async () => {
    const { text, headers } = await ask(ORG, 'events.csv?limit=2');
    expect(text.trimEnd().split('\r\n')).toHaveLength(3);
    expect(headers.get('tidemark-truncated')).toBe('rows=2; matched=3');
    expect(headers.get('content-disposition')).toMatch(/-first-2-of-3\.csv"$/);
  });

  test('has the same rows as NDJSON', async () => {
    const { text } = await ask(ORG, 'events.ndjson');
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ event_id }) => event_id)).toEqual(['third', 'second', '=cmd()']);
    expect(rows[2]).toMatchObject({
      latency_ms: 12.5,
      metadata: { a: 'x,"y"', b: '=1' },
      model_id: 'gpt-4o',
    });
  });

  test('is complete when it has several portions', async () => {
    const org = 'long';
    const filler = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, 'x'.repeat(900)]));
    const events = Array.from({ length: 350 }, (_, n) => usage(org, `e${n}`, n % 50, { metadata: filler }));
    await store(...events);
    const rows = (await ask(org, 'events.ndjson')).text.trimEnd().split('\n');
    const ids = new Set(rows.map((line) => JSON.parse(line).event_id));
    expect([rows.length, ids.size]).toEqual([350, 350]);
  });
});

test('only members who may see raw events get them', async () => {
  for (const path of ['events', 'events.csv', 'events.ndjson']) {
    const ofRole = async (role: 'business_viewer' | 'ingest' | 'engineer', org: string) => {
      const token = await tokenOf([role], [org]);
      return (await service.call(`/analytics/v1/orgs/mine/${path}`, { token })).status;
    };
    expect([
      await ofRole('business_viewer', 'mine'),
      await ofRole('ingest', 'mine'),
      await ofRole('engineer', 'other'),
      await ofRole('engineer', 'mine'),
    ]).toEqual([403, 403, 403, 200]);
  }
});
