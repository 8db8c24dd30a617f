import { expect, test } from 'vitest';
import { sampleEvents } from '../../tests/support/events/event-samples.ts';
import { readEvent } from './read-event.ts';

const now = Date.UTC(2026, 0, 31, 12);
const { usage } = sampleEvents('2026-01-31T12:00:00Z');

test('cached tokens are part of the input tokens, so more of them are refused', () => {
  expect(readEvent({ ...usage, inputTokens: 5, cachedInputTokens: 6 }, { now })).toEqual([
    {
      path: '$.cachedInputTokens',
      message:
        'must not be more than inputTokens, which is 5: inputTokens contains the cached tokens, so add them to it',
    },
  ]);
  expect(readEvent({ ...usage, inputTokens: 5, cachedInputTokens: 5 }, { now })).toHaveProperty('rows');
});

test('an error code that is too long is cut and counted, since the failed call must count', () => {
  const event = readEvent({ ...usage, errorCode: `${'e'.repeat(99)}👍${'x'.repeat(15)}` }, { now });
  expect(event).toMatchObject({ cut: 1, rows: [{ error_code: 'e'.repeat(99) }] });
  expect(readEvent({ ...usage, errorCode: ` ${'e'.repeat(100)} ` }, { now })).toMatchObject({ cut: 0 });
});
