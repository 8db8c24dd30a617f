import { expect, test } from 'vitest';
import { readRange } from '../../range/range.ts';
import { hiddenBecause, readPasted } from './pasted.ts';
import type { StoredEvent } from './queries.ts';

test('a text that is no JSON is an id', () => {
  expect(readPasted(' call-17\n')).toEqual({ kind: 'id', eventId: 'call-17' });
  expect(readPasted('"call-17"')).toEqual({ kind: 'id', eventId: 'call-17' });
});

test('an event has its id and its org, as far as it names them', () => {
  const event = { type: 'usage', eventId: 'call-17', orgId: 'acme' };
  expect(readPasted(JSON.stringify(event))).toEqual({
    ...{ kind: 'event', event, eventId: 'call-17', orgId: 'acme' },
  });
  expect(readPasted('[{"type":"usage","eventId":17}]')).toMatchObject({ kind: 'event', eventId: undefined });
});

test('several events, and an event that is cut off, are told apart', () => {
  expect(readPasted('[{},{}]')).toEqual({ kind: 'not-one' });
  expect(readPasted('{"type":"usage"')).toMatchObject({ kind: 'not-json' });
});

const range = readRange('2026-11-03T14:00:00Z/2026-11-03T15:00:00Z', 'UTC', 0);
const event = {
  ...{ eventId: 'call-17', type: 'usage', occurredAt: '2026-11-03T14:30:00Z', modelId: 'gpt-4o' },
} as unknown as StoredEvent;

test('an event of the range that the filters let through is not hidden', () => {
  expect(hiddenBecause(event, range, { type: 'usage', model: 'gpt-4o' })).toEqual([]);
});

test('each reason why an event is hidden is told', () => {
  const late = { ...event, occurredAt: '2026-11-03T15:00:00Z' };
  expect(hiddenBecause(late, range, { model: 'o1', code: 'rate_limit' })).toEqual([
    { kind: 'after', at: '2026-11-03T15:00:00Z' },
    { kind: 'filter', filter: 'model', value: 'gpt-4o' },
    { kind: 'filter', filter: 'code', value: undefined },
  ]);
});
