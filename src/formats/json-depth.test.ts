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
  // The ends of long strings are searched for, and may be escaped.
  [`["${'[ '.repeat(40)}\\"${'[ '.repeat(40)}\\\\",[[]]]`, 3, false],
  [`["${'[ '.repeat(40)}\\"${'[ '.repeat(40)}\\\\",[[]]]`, 2, true],
  [`["${'[ '.repeat(40)}`, 1, false],
  ['[[[[[[', 5, true],
  ['[[[[[[', 6, false],
])('%s is nested deeper than %i levels: %j', (text, most, deeper) => {
  expect(isNestedDeeper(text, most)).toBe(deeper);
});
