import { expect, test } from 'vitest';
import { apiFiltersOf, incidentFile, readCallFilters } from './filters.ts';

const time = { start: Date.parse('2026-11-03T14:00:00Z'), end: Date.parse('2026-11-03T15:00:00Z') };

test('filters of the address get the names of the API', () => {
  const filters = readCallFilters({ model: 'gpt-4o', code: 'rate_limit', status: '', other: 'x' });
  expect(filters).toEqual({ model: 'gpt-4o', code: 'rate_limit' });
  expect(apiFiltersOf(filters)).toEqual({ modelId: 'gpt-4o', errorCode: 'rate_limit' });
});

test('the file of an incident has the same filters and the same time', () => {
  expect(incidentFile('acme', time, { model: 'gpt-4o' })).toEqual({
    path: '/analytics/v1/orgs/acme/events.csv?start=2026-11-03T14:00:00.000Z&end=2026-11-03T15:00:00.000Z&modelId=gpt-4o',
    without: [],
  });
});

test('filters that the file does not have are told', () => {
  const file = incidentFile('acme', time, { client: 'web', type: 'usage', status: 'error' });
  expect(file?.without).toEqual(['type', 'client']);
  expect(file?.path).not.toContain('web');
});

test('all orgs together have no file', () => {
  expect(incidentFile('*', time, {})).toBeUndefined();
});
