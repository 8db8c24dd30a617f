/** One raw event by its id, and the events that conflict with others. */
import { beforeAll, describe, expect, test } from 'vitest';
import { applyRetention } from '../../../src/rollups/upkeep/retention.ts';
import { usualRetention } from '../../support/answers/retention.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const NOW = Date.now();
const ORG = 'looked/up';

function usage(eventId: string, more: object = {}) {
  return {
    ...{ eventId, orgId: ORG, occurredAt: new Date(NOW - 60_000).toISOString(), modelId: 'gpt-4o' },
    ...{ status: 'success', latencyMs: 12, inputTokens: 10, outputTokens: 20, costEstimateCents: 0.5 },
    ...more,
  };
}

async function send(...events: object[]) {
  return (await service.call('/analytics/v1/events', { body: events })).json;
}

async function ask(path: string) {
  const token = await tokenOf(['engineer'], [ORG]);
  return service.call(`/analytics/v1/orgs/${encodeURIComponent(ORG)}/${path}`, { token });
}

function lookUp(eventId: string) {
  return ask(`events/${encodeURIComponent(eventId)}`);
}

describe('an event', () => {
  test('is found as soon as it is stored, with its batch', async () => {
    await send(usage('a/"1"', { metadata: { team: 'x' } }), usage('b'), usage('b'));
    const { status, json } = await lookUp('a/"1"');
    expect({ status, ...json }).toMatchObject({
      ...{ status: 200, orgId: ORG, eventId: 'a/"1"', outcome: 'stored', lines: [], conflicts: [] },
      event: { ...usage('a/"1"'), metadata: { team: 'x' } },
      batch: {
        batchId: json.batchId,
        source: 'http',
        received: 3,
        stored: 2,
        duplicates: 1,
        rolledUpAt: null,
      },
    });
    expect(Date.parse(json.rememberedSince)).toBeLessThanOrEqual(Date.now());
  });

  test('is found by a UUID in any spelling', async () => {
    const id = '0190a6a0-1111-7abc-8def-0123456789ab';
    await send(usage(id));
    const { json } = await lookUp(id.toUpperCase());
    expect(json).toMatchObject({ outcome: 'stored', storedId: id, event: { eventId: id } });
  });

  test('of the same id in another org is not shown', async () => {
    await send(usage('theirs', { orgId: 'another' }));
    expect((await lookUp('theirs')).status).toBe(404);
  });

  test('that was never seen is a 404 that says since when ids are known', async () => {
    const { status, json } = await lookUp("=cmd|'x'!A1");
    const { rows } = await service.database.pool.query('select started_at from analytics.key_generations');
    expect(status).toBe(404);
    expect(json.detail).toContain(`since ${rows[0].started_at.toISOString()}`);
  });

  test('has the events of its id with other content beside it', async () => {
    await send(usage('twice'));
    await send(usage('twice', { inputTokens: 11 }), usage('twice', { inputTokens: 11 }));
    const { json } = await lookUp('twice');
    expect(json).toMatchObject({
      outcome: 'stored',
      event: { inputTokens: 10 },
      conflicts: [{ type: 'usage', times: 2, storedId: json.storedId }],
    });
  });

  test('that is an order has its lines', async () => {
    const items = [
      { sku: 's-1', name: 'Mug', quantity: 2, priceCents: 500 },
      { sku: 's-2', name: 'Pen', quantity: 1, priceCents: 150 },
    ];
    const order = {
      ...{ type: 'order', eventId: 'o-1', orgId: ORG, orderId: 'n-1', status: 'completed' },
      items,
    };
    await send({ ...order, occurredAt: new Date(NOW).toISOString(), currency: 'EUR' });
    const { json } = await lookUp('o-1');
    expect(json.event).toMatchObject({ type: 'order', amountCents: 1_150, currency: 'EUR' });
    expect(json.lines).toMatchObject([
      { type: 'order_line', sku: 's-1', amountCents: 1_000, quantity: 2 },
      { type: 'order_line', sku: 's-2', amountCents: 150, quantity: 1 },
    ]);
  });

  test('that was refused as the second completion of an order was never counted', async () => {
    const items = [{ sku: 's-1', name: 'Mug', quantity: 1, priceCents: 500 }];
    const order = { type: 'order', orgId: ORG, orderId: 'n-1', status: 'completed', currency: 'EUR', items };
    await send({ ...order, eventId: 'o-2', occurredAt: new Date(NOW).toISOString() });
    expect((await lookUp('o-2')).json).toMatchObject({
      ...{ outcome: 'refused', event: null, batchId: null, batch: null },
      conflicts: [{ type: 'order' }],
    });
  });

  test('past its time is known by its id', async () => {
    const old = new Date(NOW - 30 * 86_400_000).toISOString();
    await send(usage('old', { occurredAt: old }));
    const { pool } = service.database;
    await pool.query(`update analytics.ingestion_batches set rolled_up_at = now()`);
    await applyRetention({ ...usualRetention(pool), now: NOW });
    expect((await lookUp('old')).json).toMatchObject({ outcome: 'removed', event: null });

    const { status, json } = await ask(`events?start=${old}`);
    expect({ status, code: json.code }).toEqual({ status: 422, code: 'range_not_kept' });
    expect(json.errors).toEqual([
      { path: 'start', message: expect.stringMatching(/^must be 20.*Z or later$/) },
    ]);
    expect((await ask(`events.csv?start=${old}`)).status).toBe(422);
    expect((await ask('events')).status).toBe(200);
  });
});

describe('the list of conflicts', () => {
  beforeAll(async () => {
    for (let n = 0; n < 5; n++) await send(usage('clash', { inputTokens: n }), usage(`clash-${n}`));
  });

  test('has pages, the latest first', async () => {
    const all = (await ask('event-conflicts?type=usage')).json.conflicts;
    const first = await ask('event-conflicts?type=usage&limit=3');
    const second = await ask(`event-conflicts?type=usage&limit=200&after=${first.json.next}`);
    expect([...first.json.conflicts, ...second.json.conflicts]).toEqual(all);
    expect(first.json.conflicts).toHaveLength(3);
    const times = all.map(({ receivedAt }: { receivedAt: string }) => receivedAt);
    expect(times).toEqual(times.toSorted().reverse());
    expect(new Set(all.map(({ contentHash }: { contentHash: string }) => contentHash)).size).toBeGreaterThan(
      3,
    );
    expect(second.json.next).toBeNull();
  });

  test.each([
    'x',
    'WyJ4IiwieSJd',
    Buffer.from('["2026-01-01T00:00:00.000000Z/xyz","0"]').toString('base64url'),
  ])('refuses a cursor of its own making: %s', async (after) => {
    for (const path of ['event-conflicts', 'events']) {
      const { status, json } = await ask(`${path}?after=${after}`);
      expect({ status, path: json.errors[0].path }).toEqual({ status: 400, path: 'after' });
    }
  });
});
