import { expect, test } from 'vitest';
import { type SentEvent, sampleEvents } from '../../tests/support/events/event-samples.ts';
import type { Fault } from '../errors.ts';
import { readEvent } from './read-event.ts';

const now = Date.UTC(2026, 0, 31, 12);
const samples = sampleEvents('2026-01-31T12:00:00.123456Z');

function sample(type: string, change: SentEvent): SentEvent {
  return { ...samples[type], ...change };
}

function faultsOf(event: SentEvent): Fault[] {
  const result = readEvent(event, { now });
  return Array.isArray(result) ? result : [];
}

test('a text of a type is trimmed and composed, so equal names are one name', () => {
  const event = readEvent(sample('ml_job', { provider: ' replicate\u00a0', pipeline: 'Cafe\u0301\n' }), {
    now,
  });
  expect(event).toMatchObject({ rows: [{ provider: 'replicate', pipeline: 'Caf\u00e9' }] });
  expect(faultsOf(sample('ml_job', { provider: ' \t' }))).toMatchObject([{ path: '$.provider' }]);
});
