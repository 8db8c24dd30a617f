import { describe, expect, test } from 'vitest';
import { readMessage } from './message.ts';

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const event = { eventId: 'e', orgId: 'acme' };

describe('a message is read', () => {
  test.each<[string, unknown]>([
    ['bytes', Buffer.from(JSON.stringify(event))],
    ['text', JSON.stringify(event)],
    ['JSON that the client has parsed', event],
  ])('from %s', (_what, body) => {
    expect(readMessage({ body })).toEqual({ events: [event], sent: [event] });
  });

  test('as one event or an array of them, each in either form', () => {
    const { events, sent } = readMessage({ body: [event, { event_id: 'f' }, 'text'] });
    expect(plain(events)).toEqual([event, { eventId: 'f' }, 'text']);
    expect(sent).toEqual([event, { event_id: 'f' }, 'text']);
    expect(readMessage({ body: '[]' })).toEqual({ events: [], sent: [] });
  });

  test('with its correlation id for events that have none', () => {
    const body = [event, { ...event, correlationId: 'own' }, { ...event, correlation_id: null }, 7];
    expect(plain(readMessage({ body, correlationId: 'c-1' }).events)).toEqual([
      { ...event, correlationId: 'c-1' },
      { ...event, correlationId: 'own' },
      { ...event, correlationId: 'c-1' },
      7,
    ]);
  });

  test.each(['', 'x'.repeat(201), 'nul\0'])(
    'without a correlation id that could not be stored',
    (correlationId) => {
      expect(readMessage({ body: event, correlationId }).events).toEqual([event]);
    },
  );
});

describe('a message cannot be read', () => {
  test.each<[string, unknown, string]>([
    ['no JSON', Buffer.from('{"eventId"'), 'the message is not valid JSON: at position 10 '],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'the message is not UTF-8'],
    ['empty', Buffer.alloc(0), 'the message is empty'],
    ['a number', '12', 'must be an event or an array of events'],
    ['null', null, 'must be an event or an array of events'],
    ['too many events', Array.from({ length: 10_001 }, () => event), 'holds 10001 events'],
  ])('when it is %s', (_what, body, fault) => {
    expect(readMessage({ body })).toMatchObject({
      events: [],
      sent: [],
      fault: expect.stringContaining(fault),
    });
  });

  test('when it is compressed', () => {
    expect(readMessage({ body: event, contentEncoding: 'gzip' }).fault).toContain('encoded as gzip');
  });
});
