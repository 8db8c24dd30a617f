import { describe, expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { all, cloudEvent, EVENTS, useEventRequests } from './event-requests.ts';

const { service, send, stored } = useEventRequests();

describe('a CloudEvent', () => {
  test('may name its org and its id in the data', async () => {
    const { subject: _, ...rest } = cloudEvent();
    const { eventId } = makeUsage();
    const event = { ...rest, data: { ...rest.data, orgId: 'acme', eventId } };
    expect((await send(event, 'application/cloudevents+json')).json).toEqual(all(1));
    expect(await stored(eventId)).toMatchObject([{ org_id: 'acme', type: 'usage' }]);
  });

  test('is another one for each source', async () => {
    const event = cloudEvent();
    const batch = [
      event,
      { ...event, source: '/other' },
      event,
      { ...event, source: `/${'long'.repeat(60)}` },
    ];
    const answer = await send(batch, 'application/cloudevents-batch+json');
    expect(answer.json).toMatchObject({ received: 4, stored: 3, duplicates: 1 });
  });

  test('may have its attributes in headers', async () => {
    const { data, ...attributes } = cloudEvent();
    const headers = Object.fromEntries(
      Object.entries({ ...attributes, subject: 'caf%C3%A9' }).map(([name, value]) => [`ce-${name}`, value]),
    );
    expect((await send(data, 'application/json', headers)).json).toEqual(all(1));
    const structured = { ...attributes, subject: 'café', data };
    expect((await send(structured, 'application/cloudevents+json')).json).toMatchObject({ duplicates: 1 });
    const unknown = await send(data, 'application/json', { ...headers, 'ce-type': 'other' });
    expect(unknown.json).toMatchObject({ rejected: 1, errors: [{ eventId: attributes.id }] });
    expect((await send(data, 'application/x-ndjson', headers)).status).toBe(415);
    const wrong = { ...data, inputTokens: -1, occurredAt: undefined };
    const { json } = await service.call(`${EVENTS}/validate`, {
      body: wrong,
      headers: { ...headers, 'ce-time': 'noon', 'ce-id': 'x'.repeat(201) },
    });
    const paths = json.errors.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(['ce-id', 'ce-time', '$.inputTokens']);
  });

  test.each<[string, Record<string, unknown>]>([
    ['specversion', { specversion: '0.3' }],
    ['id', { id: '' }],
    ['source', { source: undefined }],
    ['type', { type: 3 }],
    ['type', { type: 'com.example.unknown' }],
    ['type', { type: 'order', data: { type: 'usage' } }],
    ['data', { data: 'text' }],
    ['subject', { subject: 'acme', data: { orgId: 'globex' } }],
  ])('is refused for its %s', async (field, change) => {
    const sent = { ...cloudEvent(), ...change };
    const { status, json } = await send(sent, 'application/cloudevents+json');
    expect(status).toBe(207);
    expect(json.errors[0].detail).toContain(field);
    expect(json.errors[0].eventId).toBe(sent.id || null);
  });

  test('has its faults by their path in the CloudEvent', async () => {
    const { subject: _, time, data, ...envelope } = cloudEvent();
    const { json } = await service.call(`${EVENTS}/validate`, {
      body: [
        {
          ...cloudEvent(),
          id: 'x'.repeat(201),
          subject: '*',
          data: { ...data, inputTokens: -1, constructor: 1 },
        },
        { ...envelope, data: { ...data, orgId: 7, occurredAt: 'noon' } },
        { ...envelope, data },
        { ...cloudEvent(), source: '' },
        { ...envelope, type: 'order', subject: 'acme', time, data: { orderId: 'o', items: [{}] } },
        7,
      ],
      headers: { 'content-type': 'application/cloudevents-batch+json' },
    });
    expect(json.errors.map(({ path }: { path: string }) => path)).toEqual([
      '$[0].subject',
      '$[0].id',
      '$[0].data.inputTokens',
      '$[0].data.constructor',
      '$[1].data.orgId',
      '$[1].data.occurredAt',
      '$[2].subject',
      '$[2].time',
      '$[3].source',
      '$[4].data.status',
      '$[4].data.currency',
      ...['sku', 'name', 'quantity', 'priceCents'].map((field) => `$[4].data.items[0].${field}`),
      '$[5]',
    ]);
  });
});
