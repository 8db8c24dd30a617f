import { expect, test } from 'vitest';
import { differences } from './diff.ts';

test('only fields that differ are told, with their paths', () => {
  const before = { name: 'a', limits: { above: 5, for: '5m' }, models: ['o1'] };
  const after = { name: 'a', limits: { above: 7, for: '5m' }, models: ['o1', 'gpt-4o'] };
  expect(differences(before, after)).toEqual([
    { path: 'limits.above', before: '5', after: '7' },
    { path: 'models[1]', before: undefined, after: 'gpt-4o' },
  ]);
});

test('what is made has no value before, and what is removed none after', () => {
  expect(differences(null, { name: 'a' })).toEqual([{ path: 'name', before: undefined, after: 'a' }]);
  expect(differences({ name: 'a' }, null)).toEqual([{ path: 'name', before: 'a', after: undefined }]);
});

test('null is a value of a field, and an empty list too', () => {
  expect(differences({ ends: null, models: ['a'] }, { ends: 'today', models: [] })).toEqual([
    { path: 'ends', before: 'null', after: 'today' },
    { path: 'models', before: undefined, after: '[]' },
    { path: 'models[0]', before: 'a', after: undefined },
  ]);
});

test('two that are equal have no difference', () => {
  expect(differences({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
  expect(differences(null, null)).toEqual([]);
});
