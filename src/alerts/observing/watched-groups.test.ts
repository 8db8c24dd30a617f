import { expect, test } from 'vitest';
import { keyOfGroup } from '../rules/group.ts';
import { watchedGroups } from './watched-groups.ts';

function group(org: string) {
  return { org };
}

function key(org: string) {
  return keyOfGroup(group(org));
}

function seen(samples: number, value: number | null = samples) {
  return {
    complete: { value, samples },
    current: [],
  };
}

function watched(
  found: Record<string, ReturnType<typeof seen>>,
  { known = [], alerting = [] }: { known?: string[]; alerting?: string[] } = {},
) {
  const all = new Map(Object.entries(found).map(([org, one]) => [key(org), one]));
  const before = { known: known.map(group), alerting: new Set(alerting.map(key)) };
  return [...watchedGroups(all, before, 2).keys()]
    .map((one) => (JSON.parse(one) as { org: string }).org)
    .sort();
}

test('all groups are watched up to the limit', () => {
  expect(watched({ a: seen(0, null), b: seen(1) })).toEqual(['a', 'b']);
});

test('beyond the limit, the groups with the most samples are watched', () => {
  expect(watched({ a: seen(3), b: seen(1), c: seen(2) })).toEqual(['a', 'c']);
});

test('the samples of a window under way count', () => {
  const young = { complete: { value: null, samples: 0 }, current: [{ value: 1, samples: 9 }] };
  const all = new Map<string, ReturnType<typeof seen> | typeof young>([
    [key('a'), seen(3)],
    [key('b'), seen(1)],
    [key('young'), young],
  ]);
  expect([...watchedGroups(all, { known: [], alerting: new Set() }, 1).keys()]).toEqual([key('young')]);
});

test('a group that was watched before stays, also with few samples', () => {
  expect(watched({ a: seen(0), b: seen(5), c: seen(9) }, { known: ['a'] })).toEqual(['a', 'c']);
});

test('a group without a value gives way to others', () => {
  expect(watched({ a: seen(0, null), b: seen(5), c: seen(9) }, { known: ['a'] })).toEqual(['b', 'c']);
});

test('a group with an open alert stays even without a value, so that the alert can end', () => {
  const before = { known: ['a', 'b'], alerting: ['a'] };
  expect(watched({ a: seen(0, null), b: seen(5), c: seen(9) }, before)).toEqual(['a', 'b']);
});
