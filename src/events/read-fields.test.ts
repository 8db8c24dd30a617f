import { describe, expect, test } from 'vitest';
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

describe('cached tokens', () => {
  const usageOf = (change: SentEvent) => sample('usage', change);

  test('are part of the input tokens, so more of them are refused', () => {
    expect(faultsOf(usageOf({ inputTokens: 5, cachedInputTokens: 6 }))).toEqual([
      {
        path: '$.cachedInputTokens',
        message:
          'must not be more than inputTokens, which is 5: inputTokens contains the cached tokens, so add them to it',
      },
    ]);
    expect(faultsOf(usageOf({ inputTokens: 5, cachedInputTokens: 5 }))).toEqual([]);
  });
});

test('a text of a type is trimmed and composed, so equal names are one name', () => {
  const event = readEvent(sample('ml_job', { provider: ' replicate\u00a0', pipeline: 'Cafe\u0301\n' }), {
    now,
  });
  expect(event).toMatchObject({ rows: [{ provider: 'replicate', pipeline: 'Caf\u00e9' }] });
  expect(faultsOf(sample('ml_job', { provider: ' \t' }))).toMatchObject([{ path: '$.provider' }]);
});
