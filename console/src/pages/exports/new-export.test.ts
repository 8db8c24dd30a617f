import { expect, test } from 'vitest';
import { type Draft, exportOf, lastMonth } from './new-export.ts';

const draft: Draft = {
  dataset: 'usage',
  time: 'range',
  month: '2026-12',
  granularity: 'daily',
  formats: ['csv'],
  models: '',
  byClient: false,
};
const time = {
  range: { start: Date.parse('2026-11-01T10:30:00Z'), end: Date.parse('2026-11-03T14:03:00Z') },
  timeZone: 'Europe/Berlin',
};

test('a range is widened to whole days, so that no row is cut', () => {
  expect(exportOf(draft, time).timeRange).toEqual({
    start: '2026-11-01T00:00:00.000Z',
    end: '2026-11-04T00:00:00.000Z',
  });
});

test('a range by months is widened to whole months', () => {
  expect(exportOf({ ...draft, granularity: 'monthly' }, time).timeRange).toEqual({
    start: '2026-11-01T00:00:00.000Z',
    end: '2026-12-01T00:00:00.000Z',
  });
});

test('a month ends where the next year begins', () => {
  expect(exportOf({ ...draft, time: 'month' }, time).timeRange).toEqual({
    start: '2026-12-01T00:00:00.000Z',
    end: '2027-01-01T00:00:00.000Z',
  });
});

test('events have the moments of the range, and no granularity', () => {
  const request = exportOf({ ...draft, dataset: 'events' }, time);
  expect(request.timeRange.start).toBe('2026-11-01T10:30:00.000Z');
  expect(request).not.toHaveProperty('granularity');
});

test('models are names with commas between them', () => {
  expect(exportOf({ ...draft, models: ' gpt-4o, ,o1 ' }, time).models).toEqual(['gpt-4o', 'o1']);
  expect(exportOf(draft, time)).not.toHaveProperty('models');
});

test('the month before the 31st is the one before', () => {
  expect(lastMonth(Date.parse('2026-12-31T12:00:00Z'))).toBe('2026-11');
  expect(lastMonth(Date.parse('2026-01-15T12:00:00Z'))).toBe('2025-12');
});
