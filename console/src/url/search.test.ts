import { expect, test } from 'vitest';
import { oneOf, parseSearch, readList, readShared, writeList, writeSearch } from './search.ts';

test('what is written is read again, and stays readable', () => {
  const search = {
    org: 'acme',
    range: '2026-11-01T00:00:00Z/2026-11-08T00:00:00Z',
    tz: 'Europe/Berlin',
    model: '4,5',
  };
  expect(writeSearch(search)).toBe(
    '?org=acme&range=2026-11-01T00:00:00Z/2026-11-08T00:00:00Z&tz=Europe/Berlin&model=4,5',
  );
  expect(parseSearch(writeSearch(search))).toEqual(search);
});

test('what has no value is left out', () => {
  expect(writeSearch({ org: undefined, range: '' })).toBe('');
});

test('a text keeps its special characters', () => {
  const search = { org: 'a&b=c +d#é', model: '100%' };
  expect(parseSearch(writeSearch(search))).toEqual(search);
});

test('pages share the org, the range, the zone and whether they are live', () => {
  expect(readShared({ org: 'acme', range: '7d', tz: 'UTC', live: 'off', sort: '-cost' })).toEqual({
    ...{ org: 'acme', range: '7d', tz: 'UTC', live: 'off' },
  });
  expect(readShared({ org: '', range: 7, live: 'yes' })).toEqual({});
});

test('a list may have commas in its values', () => {
  const values = ['gpt-4o', 'a,b'];
  expect(readList(writeList(values))).toEqual(values);
  expect(readList(parseSearch(writeSearch({ model: writeList(values) })).model)).toEqual(values);
  expect(writeList([])).toBeUndefined();
  expect(readList(undefined)).toEqual([]);
});

test('a choice that does not exist is none', () => {
  expect(oneOf(['cost', 'requests'], 'requests')).toBe('requests');
  expect(oneOf(['cost', 'requests'], 'beauty')).toBeUndefined();
});
