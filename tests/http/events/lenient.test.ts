import { expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const PATH = '/analytics/v1/events';

function send(body: unknown, query = '?lenient=true', headers: Record<string, string> = {}) {
  return service.call(`${PATH}${query}`, { body, headers });
}

async function metadataOf(eventId: string): Promise<unknown> {
  const { rows } = await service.database.pool.query(
    `select attributes->'metadata' as metadata from analytics.events
     where event_id = $1::uuid or attributes->>'eventId' = $2`,
    [/^[0-9a-f-]{36}$/.test(eventId) ? eventId : '00000000-0000-0000-0000-000000000000', eventId],
  );
  return rows[0]?.metadata;
}

test('unknown fields are kept in metadata, and the answer warns of them', async () => {
  const event = {
    ...makeUsage({ metadata: { own: 'yes' } }),
    temperature: 0.2,
    tags: ['a'],
    inputTokn: null,
  };
  const { status, json } = await send([makeUsage(), event, { ...makeUsage(), temperature: 1 }]);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    stored: 3,
    errors: [],
    warnings: [
      {
        field: 'temperature',
        events: 2,
        firstIndex: 1,
        detail: 'is not a field of usage events and is kept in metadata',
      },
      { field: 'tags', events: 1, firstIndex: 1 },
      {
        field: 'inputTokn',
        detail: 'is not a field of usage events and is kept in metadata; did you mean inputTokens?',
      },
    ],
  });
  expect(await metadataOf(event.eventId)).toEqual({
    own: 'yes',
    temperature: '0.2',
    tags: '["a"]',
    inputTokn: 'null',
  });
});

test('without lenient=true, and within lines, unknown fields are refused by name', async () => {
  const event = { ...makeUsage(), temperature: 0.2 };
  expect((await send(event, '')).json).toMatchObject({
    rejected: 1,
    errors: [{ detail: /^temperature is not/ }],
  });
  expect((await send(event, '')).json.warnings).toBeUndefined();
  expect((await send(event, '?lenient=perhaps')).status).toBe(400);
  const { occurredAt, orgId } = event;
  const item = { sku: 's', name: 'n', quantity: 1, priceCents: 1, colour: 'red' };
  const order = {
    type: 'order',
    eventId: 'o',
    occurredAt,
    orgId,
    orderId: 'o',
    status: 'completed',
    currency: 'EUR',
  };
  expect((await send({ ...order, items: [item] })).json).toMatchObject({
    rejected: 1,
    errors: [{ detail: /items\[0\]\.colour is not/ }],
    warnings: [],
  });
});

test('an event that is sent again leniently, or with the field in metadata, is a duplicate', async () => {
  const event = makeUsage();
  await send({ ...event, temperature: 0.2 });
  expect((await send({ ...event, temperature: 0.2 })).json).toMatchObject({ duplicates: 1 });
  expect((await send({ ...event, metadata: { temperature: 0.2 } }, '')).json).toMatchObject({
    duplicates: 1,
  });
});

test('a name that the metadata has already, and more than fit, are refused', async () => {
  const both = { ...makeUsage({ metadata: { temperature: '1' } }), temperature: 2 };
  expect((await send(both)).json).toMatchObject({ rejected: 1, errors: [{ detail: /^temperature is not/ }] });
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`field${index}`, index]));
  expect((await send({ ...makeUsage(), ...many })).json).toMatchObject({
    rejected: 1,
    errors: [{ detail: /^metadata must be an object with at most 50 entries/ }],
  });
});

test('a long value is cut, and a field of any name is kept', async () => {
  const event = { ...makeUsage(), essay: 'x'.repeat(5_000), ...JSON.parse('{"__proto__": "own"}') };
  const text = JSON.stringify(event).replace('}', ', "__proto__": "own"}');
  expect((await send(text)).json).toMatchObject({ stored: 1 });
  const metadata = (await metadataOf(event.eventId)) as Record<string, string>;
  expect(Object.keys(metadata).sort()).toEqual(['__proto__', 'essay']);
  expect(metadata.essay).toHaveLength(1_000);
});

test('a CloudEvent is warned of the place in its data, and checking is lenient too', async () => {
  const { eventId, orgId, occurredAt, ...data } = makeUsage();
  const envelope = { specversion: '1.0', id: eventId, source: '/test', type: 'usage', subject: orgId };
  const body = JSON.stringify({ ...envelope, time: occurredAt, data: { ...data, temperature: 1 } });
  const headers = { 'content-type': 'application/cloudevents+json' };
  expect((await send(body, '?lenient=true', headers)).json.warnings).toMatchObject([
    { field: 'data.temperature' },
  ]);
  const checked = { body: { ...makeUsage(), temperature: 1 } };
  expect((await service.call(`${PATH}/validate?lenient=true`, checked)).status).toBe(204);
  expect((await service.call(`${PATH}/validate`, checked)).status).toBe(400);
});
