import { expect, test, vi } from 'vitest';
import { ROWS_OF_ORG } from '../../../src/ingestion/recent/recent-table.ts';
import { tokenOf, useService } from '../../support/service/service.ts';
import { otlpSample, sampleText } from './otlp-samples.ts';

const service = useService();
const WAIT = { timeout: 20_000, interval: 200 };

async function send(path: string, org: string, body: unknown) {
  const token = await tokenOf(['ingest'], [org]);
  return service.call(path, { method: 'POST', token, body, headers: { 'content-type': 'application/json' } });
}

interface Recent {
  batches: Record<string, unknown>[];
  refusals: Record<string, unknown>[];
  skipped: Record<string, unknown>[];
}

async function recent(org: string, query = ''): Promise<Recent> {
  const token = await tokenOf(['engineer'], [org]);
  const { status, json } = await service.call(`/analytics/v1/orgs/${org}/ingestion/recent${query}`, {
    token,
  });
  expect(status).toBe(200);
  return json as unknown as Recent;
}

/** The answer, once it has so many batches. */
function recentWith(org: string, batches: number, query = ''): Promise<Recent> {
  return vi.waitFor(async () => {
    const answer = await recent(org, query);
    expect(answer.batches.length).toBeGreaterThanOrEqual(batches);
    return answer;
  }, WAIT);
}

test('a span that is no call is found by its id, with the reason', async () => {
  await send('/v1/traces', 'spans', otlpSample('02-otlp-vercel-ai-v5-legacy'));
  await recentWith('spans', 1);
  const { batches, skipped } = await recent('spans', '?id=02BB000000000001');
  expect(batches).toMatchObject([{ source: 'http', format: 'otlp', requests: 1, stored: 2, skipped: 2 }]);
  expect(skipped).toMatchObject([
    {
      id: '8c2be94410f7431f9d5a6e7b80c1d202:02bb000000000001',
      reason: 'its ai.operationId is ai.generateText',
    },
  ]);
  const known = await recent('spans', '?id=8c2be94410f7431f9d5a6e7b80c1d202');
  expect(known.skipped).toHaveLength(2);
});

test('each format is named, and a request that is refused as a whole is a refusal', async () => {
  await send('/ingest/litellm', 'formats', sampleText('06-litellm-generic-api'));
  await send('/v1/traces', 'formats', { resourceLogs: [] });
  await send('/analytics/v1/events', 'formats', [{ orgId: 'formats', eventId: 'e1', modelId: 'm' }]);
  const { batches, refusals, skipped } = await recentWith('formats', 3);
  expect(batches.map(({ format }) => format).sort()).toEqual(['json', 'litellm', 'otlp']);
  expect(refusals).toMatchObject([
    { format: 'json', id: 'e1', code: 'invalid', reason: 'occurredAt is required; status is required' },
    { format: 'otlp', id: null, code: 'invalid_request' },
  ]);
  expect(skipped.map(({ reason }) => reason)).toContain('its call_type is aget_responses');
});

test('what a caller may not send is not in the list of the org that it names', async () => {
  const token = await tokenOf(['ingest'], ['mine']);
  const event = {
    orgId: 'theirs',
    eventId: 'x',
    modelId: 'm',
    status: 'success',
    occurredAt: new Date().toISOString(),
  };
  await service.call('/analytics/v1/events', { method: 'POST', token, body: event });
  expect((await recentWith('mine', 1)).refusals).toMatchObject([{ id: 'x', code: 'forbidden' }]);
  expect((await recent('theirs')).batches).toEqual([]);
});

test('an org keeps a bounded number of entries, and each list of an entry is bounded', async () => {
  const { pool } = service.database;
  await pool.query(
    `insert into analytics.recent_ingestion (org_id, noted_at, entry)
     select 'many', now(), '{"batches": [], "refusals": [], "skipped": []}' from generate_series(1, 500)`,
  );
  const bad = Array.from({ length: 300 }, (_, index) => ({
    orgId: 'many',
    eventId: `e${index}\u0000\ud800`,
    modelId: 'm',
  }));
  await send('/analytics/v1/events', 'many', bad);
  const { batches, refusals } = await recentWith('many', 1);
  expect(batches).toMatchObject([{ rejected: 300 }]);
  expect(refusals).toHaveLength(20);
  await vi.waitFor(async () => {
    const { rows } = await pool.query(
      `select count(*)::int as n from analytics.recent_ingestion where org_id = 'many'`,
    );
    expect(rows[0]?.n).toBe(ROWS_OF_ORG);
  }, WAIT);
});

test('only those who may read events of the org may read it', async () => {
  const path = '/analytics/v1/orgs/spans/ingestion/recent';
  for (const [role, org] of [
    ['ingest', 'spans'],
    ['finance', 'spans'],
    ['engineer', 'other'],
  ] as const) {
    const { status } = await service.call(path, { token: await tokenOf([role], [org]) });
    expect(status).toBe(403);
  }
});

test('no content of an event is kept', async () => {
  const { rows } = await service.database.pool.query('select entry::text from analytics.recent_ingestion');
  expect(JSON.stringify(rows)).not.toMatch(/modelId"|inputTokens|gpt-4o/);
});
