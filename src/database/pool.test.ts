import { expect, test } from 'vitest';
import { readInt8 } from './pool.ts';

test('a bigint is read as a number where that is exact, and fails beyond', () => {
  expect(readInt8('-9007199254740991')).toBe(-9_007_199_254_740_991);
  expect(readInt8('0')).toBe(0);
  expect(() => readInt8('9007199254740992')).toThrow('9007199254740992 is too large');
});
