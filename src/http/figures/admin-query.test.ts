import { describe, expect, test } from 'vitest';
import type { CodedError } from '../../errors.ts';
import { readAdminQuestion } from './admin-query.ts';

const now = Date.parse('2026-11-20T12:08:30Z');

function read(query: Parameters<typeof readAdminQuestion>[0]) {
  return readAdminQuestion(query, 'acme', now);
}

function spanOf(query: Parameters<typeof readAdminQuestion>[0]) {
  const { range } = read(query);
  return [range.start, range.end].map((at) => new Date(at).toISOString());
}

describe('a query of the admin API', () => {
  test('covers the last 24 hours up to the current minute in UTC by default', () => {
    expect(spanOf({})).toEqual(['2026-11-19T12:09:00.000Z', '2026-11-20T12:09:00.000Z']);
    expect(read({})).toMatchObject({
      orgId: 'acme',
      granularity: undefined,
      timezone: 'UTC',
      compare: undefined,
    });
  });

  test.each([
    ['1h', '2026-11-20T11:09:00.000Z'],
    ['24h', '2026-11-19T12:09:00.000Z'],
    ['7d', '2026-11-13T12:09:00.000Z'],
    ['30d', '2026-10-21T12:09:00.000Z'],
  ] as const)('can cover the last %s', (range, start) => {
    expect(spanOf({ range })[0]).toBe(start);
    expect(read({ range, granularity: 'week' }).granularity).toBe('week');
  });

  test('can cover a given range', () => {
    const query = { start: '2026-11-01T00:00:00Z', end: '2026-11-02T00:00:00+01:00' };
    expect(spanOf(query)).toEqual(['2026-11-01T00:00:00.000Z', '2026-11-01T23:00:00.000Z']);
  });

  test('ends now if it reaches into the future', () => {
    expect(spanOf({ start: '2026-11-20T00:00:00Z', end: '2026-11-21T00:00:00Z' })).toEqual([
      '2026-11-20T00:00:00.000Z',
      '2026-11-20T12:09:00.000Z',
    ]);
    const later = { start: '2026-11-21T00:00:00Z', end: '2026-11-22T00:00:00Z' };
    expect(spanOf(later)).toEqual(['2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z']);
  });

  test.each([
    [{ start: '2026-11-01T00:00:00Z' }, 'end', 'is needed beside start'],
    [{ end: '2026-11-01T00:00:00Z' }, 'start', 'is needed beside end'],
    [{ range: '1h', start: '2026-11-01T00:00:00Z' }, 'range', 'cannot be given beside start and end'],
    [{ start: 'yesterday', end: '2026-11-01T00:00:00Z' }, 'start', 'must be a'],
    [{ start: '2026-11-02T00:00:00Z', end: '2026-11-01T00:00:00Z' }, 'start', 'must be before the end'],
    [{ timezone: 'Mars/Base' }, 'timezone', 'must be an IANA time zone'],
  ] as const)('%j is refused by name', (query, path, message) => {
    try {
      read(query);
      expect.unreachable();
    } catch (error) {
      expect((error as CodedError).faults).toEqual([{ path, message: expect.stringContaining(message) }]);
    }
  });
});
