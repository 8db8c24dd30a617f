import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findJsonFault } from './json-fault.ts';
import { describeJsonFault } from './parse-json.ts';

function isJson(text: string) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('findJsonFault', () => {
  test.each([
    ['', 0, 'a value'],
    ['{"a":1,}', 7, 'a key in double quotes'],
    ['[1,]', 3, 'a value'],
    ['[1 2]', 3, '"," or "]"'],
    ['{"a" 1}', 5, '":"'],
    ['{"a":NaN}', 5, 'a value'],
    ['{"a":Infinity}', 5, 'a value'],
    ['{"a":01}', 6, '"," or "}"'],
    ['{"a":1}x', 7, 'the end'],
    ['"\\x"', 1, 'a valid escape'],
    ['"a\nb"', 2, 'the rest of the text, with control characters escaped'],
    [`${'['.repeat(1_000_000)}`, 1_000_000, 'a value'],
  ])('says where %.20s stops being JSON', (text, offset, expected) => {
    expect(findJsonFault(text)).toEqual({ offset, expected });
  });

  test('looks no further than its limit', () => {
    expect(findJsonFault('[[[[', 3)).toBeUndefined();
    expect(findJsonFault('[[[[', 4)).toEqual({ offset: 4, expected: 'a value' });
  });

  test('finds a fault exactly where JSON.parse does', () => {
    const mutated = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '{', ']', '\\', '0', '-', 'e', '\n', 'x'))
      .map(([json, place, character]) => {
        const at = place % (json.length + 1);
        return json.slice(0, at) + character + json.slice(at + 1);
      });
    fc.assert(
      fc.property(mutated, (text) => (findJsonFault(text) === undefined) === isJson(text)),
      { numRuns: 5_000 },
    );
  });
});

test('describes a fault in words', () => {
  expect(describeJsonFault('{\n  "a": 1,\n  b: 2\n}')).toBe(
    'at position 14 (line 3, column 3) there should be a key in double quotes; found "b"',
  );
  expect(describeJsonFault('[')).toBe(
    'at position 1 (line 1, column 2) there should be a value; it ends there',
  );
  expect(describeJsonFault(`${' '.repeat(1_000_001)}[`)).toBe('it is wrong somewhere after position 1000000');
  expect(describeJsonFault('['.repeat(1_000_001))).toBe('it is nested deeper than 1000000 levels');
});
