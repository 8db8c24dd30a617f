import { describe, expect, test } from 'vitest';
import { type SentEvent, sampleEvents } from '../../tests/support/events/event-samples.ts';
import { readEvent } from '../events/read-event.ts';
import { EncodedEvents } from './encoded-events.ts';

const samples = sampleEvents('2026-01-31T12:00:00.123456Z');

function encode(...events: (SentEvent | undefined)[]): EncodedEvents {
  const encoded = new EncodedEvents();
  for (const [index, event] of events.entries()) {
    const read = readEvent(event, { now: Date.UTC(2026, 0, 31, 13) });
    if (Array.isArray(read)) throw new Error(JSON.stringify(read));
    encoded.add(read, `story ${index}`, index);
  }
  return encoded;
}

function hashOf(event: SentEvent | undefined): bigint | undefined {
  return encode(event).events[0]?.payloadHash;
}

/**
 * Leaves out fields that were added after the hashes below were recorded, so that the events are the same.
 */
const laterFields: Record<string, string[]> = {
  usage: [
    'provider',
    'timeToFirstTokenMs',
    'serviceTier',
    'cacheWriteInputTokens',
    'cacheWriteHourInputTokens',
    'images',
    'reasoningTokens',
    'labels',
  ],
  api_request: ['labels'],
  ml_job: ['inputTokens', 'outputTokens', 'labels'],
  order: ['sessionId', 'taxCents', 'shippingCents', 'labels'],
};

function withoutLaterFields(type: string, event: SentEvent): SentEvent {
  return Object.fromEntries(Object.entries(event).filter(([name]) => !laterFields[type]?.includes(name)));
}

describe('the payload hash', () => {
  test('of every type never changes: a replay after an upgrade is a duplicate, not a conflict', () => {
    expect(
      Object.fromEntries(
        Object.entries(samples).map(([type, event]) => [
          type,
          String(hashOf(withoutLaterFields(type, event))),
        ]),
      ),
    ).toEqual({
      api_request: '-4293340872378456276',
      error: '744111368548596536',
      inventory: '648864590827383900',
      ml_job: '3643989972453119875',
      order: '4405744399068752916',
      storefront: '2106611446768213792',
      usage: '7271125271461758507',
    });
  });

  test('does not depend on the other events or on the sender', () => {
    const alone = hashOf(samples.order);
    const { events } = encode(samples.usage, samples.order, { ...samples.order, correlationId: 'another' });
    expect(events.map(({ payloadHash }) => payloadHash)).toEqual([hashOf(samples.usage), alone, alone]);
  });

  test('differs when any field differs', () => {
    const { usage, order } = samples;
    const items = order?.items as SentEvent[];
    const others = [
      usage,
      { ...usage, latencyMs: 1 },
      { ...usage, errorCode: null },
      { ...usage, clientId: usage?.errorCode, errorCode: usage?.clientId },
      { ...usage, metadata: {} },
      { ...usage, costEstimateCents: 0.0005 },
      // The first has as many nano-dollars as the one above had former units.
      { ...usage, costEstimateCents: 0.0000005 },
      { ...usage, costEstimateCents: 0.0000006 },
      { ...usage, occurredAt: '2026-01-31T12:00:00.123457Z' },
      order,
      { ...order, items: items.toReversed() },
      { ...order, items: items.map((item) => ({ ...item, name: 'x' })) },
      { ...order, items: [...items, items[0]] },
    ];
    expect(new Set(others.map(hashOf)).size).toBe(others.length);
  });
});

test('events are known by their index, their series and the days they fall on', () => {
  const encoded = encode(samples.usage, samples.order, { ...samples.usage, eventId: 'again', latencyMs: 3 });
  expect(encoded.events.map(({ index, type, rows }) => [index, type, rows.length])).toEqual([
    [0, 'usage', 1],
    [1, 'order', 3],
    [2, 'usage', 1],
  ]);
  // Both usage events count for one series, and so do lines of one product.
  expect(encoded.series.size).toBe(1 + 1 + 2);
  expect(encoded.bytes.length).toBe(encoded.events.at(-1)?.rows.at(-1)?.end);
});
