import { expect, test } from 'vitest';
import { DAY, HOUR } from '../../time.ts';
import { type AdminQuestion, bucketingsFor } from './admin-question.ts';

function over(length: number, granularity?: AdminQuestion['granularity']) {
  return bucketingsFor({
    ...{ orgId: 'acme', range: { start: 0, end: length }, granularity },
    ...{ timezone: 'UTC', compare: undefined, now: length },
  });
}

test('a range gets some tens of points, or fewer where finer ones are not kept', () => {
  expect(over(HOUR)).toEqual(['minute', 'quarter_hour', 'hour', 'day', 'week', 'whole']);
  expect(over(6 * HOUR)[0]).toBe('quarter_hour');
  expect(over(DAY)[0]).toBe('hour');
  expect(over(30 * DAY)).toEqual(['day', 'week', 'whole']);
});

test('a given granularity is the only one', () => {
  expect(over(HOUR, 'week')).toEqual(['week']);
});
