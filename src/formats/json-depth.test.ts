import { expect, test } from 'vitest';
import { isNestedDeeper } from './json-depth.ts';

test.each([
  ['[[[]]]', 3, false],
  ['[[[]]]', 2, true],
  ['[{"a":[{}]}]', 3, true],
  ['[{"a":[{}]}]', 4, false],
  ['[[],[],[],{},{}]', 2, false],
  ['["[[[[\\"[[[["]', 1, false],
  ['["\\\\",[[', 2, true],
  ['[[[[[[', 5, true],
  ['[[[[[[', 6, false],
])('%s is nested deeper than %i levels: %j', (text, most, deeper) => {
  expect(isNestedDeeper(text, most)).toBe(deeper);
});
