import { describe, expect, test } from 'vitest';
import { HOUR } from '../time.ts';
import { extendBy, missingRanges } from './delivered.ts';

function hours(from: number, to: number) {
  return { from: from * HOUR, to: to * HOUR };
}

const wanted = hours(10, 20.5);

describe('the missing ranges', () => {
  test.for([
    ['nothing', undefined, [wanted]],
    ['the whole range', hours(10, 20.5), [hours(20, 20.5)]],
    ['more than the whole range', hours(5, 22), []],
    ['its beginning', hours(5, 14.25), [hours(14, 20.5)]],
    ['its end', hours(16, 20.5), [hours(10, 16), hours(20, 20.5)]],
    ['a range before it', hours(1, 9), [wanted]],
    ['a range after it', hours(30, 40), [wanted]],
  ] as const)('when %s is there', ([, there, missing]) => {
    expect(missingRanges(wanted, there)).toEqual(missing);
  });
});

describe('the delivered range', () => {
  test('grows with a range behind it, step by step', () => {
    expect(extendBy(hours(5, 14.25), hours(14, 20), 16 * HOUR)).toEqual(hours(5, 16));
    expect(extendBy(undefined, hours(14, 20), 16 * HOUR)).toEqual(hours(14, 16));
  });

  test('never shrinks while an hour is delivered again', () => {
    expect(extendBy(hours(5, 14.75), hours(14, 20), 14.5 * HOUR)).toEqual(hours(5, 14.75));
  });

  test('grows with a range before it once that is complete', () => {
    expect(extendBy(hours(16, 20), hours(10, 16), 14 * HOUR)).toEqual(hours(16, 20));
    expect(extendBy(hours(16, 20), hours(10, 16), 16 * HOUR)).toEqual(hours(10, 20));
  });

  test('is replaced when the new range does not touch it', () => {
    expect(extendBy(hours(1, 9), hours(10, 20), 12 * HOUR)).toEqual(hours(10, 12));
  });
});
