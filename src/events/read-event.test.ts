import { describe, expect, test } from 'vitest';
import { AWKWARD, type SentEvent, sampleEvents } from '../../tests/support/events/event-samples.ts';
import type { Fault } from '../errors.ts';
import { DAY, MINUTE } from '../time.ts';
import { eventTypes, publicTypes } from './catalogue.ts';
import { storedEventId } from './event-id.ts';
import { type ReadEvent, readEvent } from './read-event.ts';

const now = Date.UTC(2026, 0, 31, 12);
const samples = sampleEvents('2026-01-31T12:00:00.123456Z');

function sample(type: string, change: SentEvent = {}): SentEvent {
  return { ...samples[type], ...change };
}

function read(event: unknown): ReadEvent {
  const result = readEvent(event, { now });
  if (Array.isArray(result)) throw new Error(JSON.stringify(result));
  return result;
}

function faultsOf(event: unknown): Fault[] {
  const result = readEvent(event, { now });
  return Array.isArray(result) ? result : [];
}

function pathsOf(event: unknown): string[] {
  return faultsOf(event).map(({ path }) => path);
}

function without(event: SentEvent, name: string): SentEvent {
  return Object.fromEntries(Object.entries(event).filter(([key]) => key !== name));
}

/** Values that hold no event. */
const WRONG = [{}, [], [[]], true, '', '\0', '\ud800', -1e300, Number.NaN];

test('there is a sample of every type that may be sent', () => {
  expect(Object.keys(samples)).toEqual(publicTypes.map(({ type }) => type));
});

describe.each(Object.keys(samples))('%s', (type) => {
  const linesField = eventTypes.get(type)?.lines?.field;
  const insteadOfLines = eventTypes.get(type)?.lines?.unless;
  const fields = Object.fromEntries(
    Object.entries(eventTypes.get(type)?.fields ?? {}).filter(
      ([name, { insteadOf }]) => name !== insteadOfLines && insteadOf === undefined,
    ),
  );

  test('is read with every field', () => {
    expect(Object.keys(samples[type] ?? {})).toEqual(expect.arrayContaining(Object.keys(fields)));
    const { orgId, eventId, correlationId, rows } = read(sample(type));
    expect({ orgId, eventId, correlationId }).toEqual({
      orgId: 'acme',
      eventId: storedEventId('acme', `${type}-${AWKWARD}`),
      correlationId: `story ${AWKWARD}`,
    });
    expect(rows[0]).toMatchObject({ org_id: 'acme', type, occurred_at: now * 1_000 + 123_456 });
    for (const [name, { column }] of Object.entries(fields)) {
      if (column) expect(rows[0]).toHaveProperty(column);
      else expect(JSON.parse(String(rows[0]?.attributes))).toHaveProperty(name);
    }
  });

  test('is read without its optional fields, whether null or absent', () => {
    for (const [name, { optional }] of Object.entries(fields)) {
      if (!optional) continue;
      const left = readEvent(without(sample(type), name), { now });
      expect(left).toEqual(readEvent(sample(type, { [name]: null }), { now }));
    }
  });

  test('is refused without a required field, by its name', () => {
    const required = ['eventId', 'orgId', 'occurredAt', ...(linesField ? [linesField] : [])];
    for (const [name, { optional }] of Object.entries(fields)) if (!optional) required.push(name);
    for (const name of required) {
      expect(pathsOf(without(sample(type), name))).toEqual([`$.${name}`]);
      expect(pathsOf(sample(type, { [name]: null }))).toEqual([`$.${name}`]);
    }
  });

  test('is refused for a wrong value, by the name of its field', () => {
    const all = [...Object.keys(fields), 'eventId', 'orgId', 'occurredAt', 'correlationId', 'actorId'];
    for (const name of all) {
      // An object without entries is no labels, which is allowed.
      const wrong = name === 'labels' ? WRONG.slice(1) : WRONG;
      for (const value of wrong) expect(pathsOf(sample(type, { [name]: value }))).toEqual([`$.${name}`]);
    }
  });

  test('is refused for a field that it does not have', () => {
    expect(faultsOf(sample(type, { latency_ms: 1 }))).toEqual([
      { path: '$.latency_ms', message: 'is not a field of this type; put fields of your own into metadata' },
    ]);
    expect(
      pathsOf(JSON.parse(`{"__proto__":{"orgId":"x"},${JSON.stringify(sample(type)).slice(1)}`)),
    ).toEqual(['$.__proto__']);
    expect(pathsOf(sample(type, { constructor: 1, toString: 1 }))).toEqual(['$.constructor', '$.toString']);
  });
});

test('every fault of an event is named at once', () => {
  expect(pathsOf({ type: 'usage', eventId: 7, latencyMs: '1', nonsense: 1 })).toEqual([
    '$.orgId',
    '$.eventId',
    '$.occurredAt',
    '$.modelId',
    '$.latencyMs',
    '$.status',
    '$.nonsense',
  ]);
});

test.each(['.', '..'])('the org %j is refused, because no path can name it', (orgId) => {
  expect(pathsOf(sample('usage', { orgId }))).toEqual(['$.orgId']);
});

test.each([undefined, null, 1, 'text', [], [samples.usage]])('%j is not an event', (value) => {
  expect(faultsOf(value)).toEqual([{ path: '$', message: 'must be an object' }]);
});

describe('the event type', () => {
  test('is usage by default', () => {
    expect(read(without(sample('usage'), 'type')).rows).toEqual(read(sample('usage')).rows);
  });

  test.each(['Usage', 'order_line', 'alert', '', '__proto__', 'constructor', 7, {}])(
    'cannot be %j',
    (type) => {
      expect(pathsOf(sample('usage', { type }))).toContain('$.type');
    },
  );

  test('may be internal where Tidemark itself writes', () => {
    const { metadata: _, ...envelope } = sample('error');
    const alert = {
      ...envelope,
      type: 'alert',
      alertId: 'a',
      name: 'n',
      severity: 'info',
      transition: 'firing',
    };
    const { service: __, code: ___, message: ____, ...event } = alert as SentEvent;
    expect(readEvent(event, { now, internal: true })).toMatchObject({
      rows: [{ type: 'alert', status: 'firing' }],
    });
  });
});

describe('occurredAt', () => {
  const at = (millis: number) => sample('usage', { occurredAt: new Date(millis).toISOString() });

  test('may be up to 400 days ago and up to 10 minutes ahead', () => {
    expect(pathsOf(at(now - 400 * DAY))).toEqual([]);
    expect(pathsOf(at(now + 10 * MINUTE))).toEqual([]);
    expect(faultsOf(at(now - 400 * DAY - 1))).toEqual([
      { path: '$.occurredAt', message: 'must not be more than 400 days ago' },
    ]);
    expect(pathsOf(at(now + 10 * MINUTE + 1))).toEqual(['$.occurredAt']);
  });

  test('may be any time where history is imported', () => {
    const options = { now, anyTime: true };
    expect(readEvent(at(now - 4_000 * DAY), options)).toHaveProperty('rows');
    expect(readEvent(at(now + 4_000 * DAY), options)).toHaveProperty('rows');
  });

  test.each(['2026-02-30T00:00:00Z', '2026-01-31T12:00:00', 17])('cannot be %j', (occurredAt) => {
    expect(pathsOf(sample('usage', { occurredAt }))).toEqual(['$.occurredAt']);
  });
});

describe('metadata', () => {
  const withMetadata = (metadata: unknown) => sample('usage', { metadata });
  const kept = (event: SentEvent) => JSON.parse(String(read(event).rows[0]?.attributes)).metadata;

  test('is kept as it is, whatever its keys', () => {
    const metadata = JSON.parse(
      `{"__proto__":"a","eventId":"b","constructor":"","10":"c","${'k'.repeat(100)}":"d"}`,
    );
    expect(JSON.stringify(Object.entries(kept(withMetadata(metadata))).sort())).toBe(
      JSON.stringify(Object.entries(metadata).sort()),
    );
  });

  test('is the same in whatever order it was written', () => {
    const rows = read(withMetadata({ b: '1', a: '2', c: '3' })).rows;
    expect(rows).toEqual(read(withMetadata({ c: '3', a: '2', b: '1' })).rows);
  });

  test('that is empty counts as none', () => {
    expect(read(withMetadata({})).rows).toEqual(read(without(sample('usage'), 'metadata')).rows);
  });

  test('takes numbers, booleans and null as their text', () => {
    const { rows } = read(withMetadata({ a: 1.5, b: true, c: null, d: '' }));
    expect(rows).toEqual(read(withMetadata({ a: '1.5', b: 'true', c: 'null', d: '' })).rows);
  });

  test('of a text value is limited in length', () => {
    expect(pathsOf(withMetadata({ k: 'x'.repeat(1_000) }))).toEqual([]);
    const tooMany = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [i, 'x']));
    for (const wrong of [{ k: 'x'.repeat(1_001) }, { ['k'.repeat(101)]: 'x' }, { '': 'x' }, tooMany]) {
      expect(pathsOf(withMetadata(wrong))).toEqual(['$.metadata']);
    }
  });

  test('with too many entries is refused before any is read', () => {
    let looks = 0;
    const entry = { enumerable: true, get: () => String(++looks) };
    const metadata = Object.defineProperties(
      {},
      Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, entry])),
    );
    expect(pathsOf(withMetadata(metadata))).toEqual(['$.metadata']);
    expect(looks).toBe(0);
  });

  test.each([[['a']], 'text', 7, { k: { deep: 'x' } }, { k: 'a\0' }, { '\ud800': 'x' }])(
    'cannot be %j',
    (metadata) => {
      expect(pathsOf(withMetadata(metadata))).toEqual(['$.metadata']);
    },
  );
});

describe('an order', () => {
  const line = { sku: 's', name: 'n', collection: 'c', category: 'k', quantity: 1, priceCents: 1 };
  const order = (...items: unknown[]) => sample('order', { items });

  test('becomes one row, and one for each of its lines with what they share', () => {
    const { rows } = read(sample('order'));
    expect(rows.map(({ type, value, quantity }) => ({ type, value, quantity }))).toEqual([
      { type: 'order', value: 2 * 129_005_000 - 5_000_001, quantity: 3 },
      { type: 'order_line', value: 258_010_000, quantity: 2 },
      { type: 'order_line', value: -5_000_001, quantity: 1 },
      { type: 'order_line', value: 0, quantity: 0 },
    ]);
    const shared = {
      order_id: 'o-1',
      status: 'refunded',
      currency: 'EUR',
      customer_id: 'c-1',
      channel: 'web',
    };
    for (const row of rows) {
      expect(row).toMatchObject({ ...shared, org_id: 'acme', actor_id: `actor ${AWKWARD}` });
      expect(row.event_id).toBe(rows[0]?.event_id);
      expect(row.occurred_at).toBe(rows[0]?.occurred_at);
      expect(row).not.toHaveProperty('value_bin');
    }
    expect(JSON.parse(String(rows[1]?.attributes))).toEqual({ name: `Ring ${AWKWARD}` });
  });

  test('names the faults of its lines by their index', () => {
    const { sku: _, ...noSku } = line;
    expect(pathsOf(order(line, noSku, { ...line, quantity: -1, colour: 'red' }, 'text'))).toEqual([
      '$.items[1].sku',
      '$.items[2].quantity',
      '$.items[2].colour',
      '$.items[3]',
    ]);
  });

  test.each([[[]], [{}], ['text'], [Array.from({ length: 501 }, () => line)]])(
    'cannot have the items %j',
    (items) => {
      expect(pathsOf(sample('order', { items }))).toEqual(['$.items']);
    },
  );

  test('is refused when its amounts no longer add up exactly', () => {
    const dear = { ...line, quantity: 1e6, priceCents: 1e10 };
    expect(pathsOf(order(dear))).not.toEqual([]);
    const nearly = { ...line, priceCents: 1e10 };
    expect(pathsOf(order(...Array.from({ length: 90 }, () => nearly)))).toEqual([]);
    expect(pathsOf(order(...Array.from({ length: 91 }, () => nearly)))).toEqual(['$.items']);
  });
});

test('the status code tells errors of the platform from errors of its client', () => {
  const status = (statusCode: number) => read(sample('api_request', { statusCode })).rows[0]?.status;
  expect([100, 204, 302, 399, 400, 404, 499, 500, 599].map(status)).toEqual([
    ...Array.from({ length: 4 }, () => 'success'),
    ...Array.from({ length: 3 }, () => 'client_error'),
    ...Array.from({ length: 2 }, () => 'error'),
  ]);
});

test('durations have a sketch bin, amounts and gauges have none', () => {
  const bin = (type: string) => read(sample(type)).rows[0]?.value_bin;
  expect([bin('usage'), bin('api_request'), bin('order'), bin('inventory')]).toEqual([
    709,
    -1,
    undefined,
    undefined,
  ]);
});
