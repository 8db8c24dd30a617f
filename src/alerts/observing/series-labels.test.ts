import { describe, expect, test } from 'vitest';
import { isStorable } from '../../plain-text.ts';
import { keyOfGroup } from '../rules/group.ts';
import { groupOfLabels } from './series-labels.ts';

function keyOf(labels: Record<string, string>): string {
  return keyOfGroup(groupOfLabels(labels));
}

test('ordinary labels stay as they are, in one order', () => {
  expect(keyOf({ b: '2', a: 'ü😀' })).toBe('{"a":"ü😀","b":"2"}');
  expect(keyOf({ a: 'x'.repeat(200) })).toContain('x'.repeat(200));
});

test('two long labels that differ at the end are two groups, and their beginning can be read', () => {
  const path = '/very/long/path'.repeat(20);
  const [one, other] = [groupOfLabels({ path: `${path}/a` }), groupOfLabels({ path: `${path}/b` })];
  expect(one.path).not.toBe(other.path);
  expect(one.path).toMatch(/^\/very\/long\/path.*…[0-9a-f]{12}$/);
  expect(groupOfLabels({ path: `${path}/a` })).toEqual(one);
});

describe('a label that PostgreSQL cannot store is cleaned, and stays apart from others', () => {
  test.each([
    ['a NUL', 'a\0b', 'a\ufffdb'],
    ['another NUL', 'a\0b', 'a\0\0b'],
    ['half of a surrogate pair', 'a\ud83d', 'a\ud83e'],
    [
      'an emoji across the cut',
      `${'x'.repeat(179)}😀${'y'.repeat(40)}`,
      `${'x'.repeat(179)}😁${'y'.repeat(40)}`,
    ],
  ])('%s', (_, one, other) => {
    const groups = [groupOfLabels({ label: one }), groupOfLabels({ label: other })];
    expect(groups.map(({ label }) => isStorable(label ?? ''))).toEqual([true, true]);
    expect(groups[0]).not.toEqual(groups[1]);
  });

  test('and so is a name of a label', () => {
    const names = Object.keys(groupOfLabels({ 'a\0': '1', 'a\ufffd': '2' }));
    expect(names.map(isStorable)).toEqual([true, true]);
  });
});

test('many long labels give a key that an index can hold, and different ones different keys', () => {
  const many = (last: string) =>
    Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`label_${1_000 + index}`, `${'ж'.repeat(150)}${last}`]),
    );
  const keys = [keyOf(many('a')), keyOf(many('b')), keyOf({ ...many('a'), zz: '1' })];
  expect(new Set(keys).size).toBe(3);
  for (const key of keys) expect(Buffer.byteLength(key)).toBeLessThanOrEqual(2_000);
  const few = Object.fromEntries(
    Array.from({ length: 15 }, (_, index) => [`l${index}`, `${index}${'x'.repeat(150)}`]),
  );
  expect(Object.keys(groupOfLabels(few))).toHaveLength(15);
});
