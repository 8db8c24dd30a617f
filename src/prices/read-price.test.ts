import { expect, test } from 'vitest';
import { readPrice } from './read-price.ts';

const whole = { provider: 'replicate', effectiveFrom: '2026-01-01', centsPerSecond: 0.14 };

test('a price with fields left out is read as open-ended', () => {
  expect(readPrice(whole, '$')).toEqual({
    provider: 'replicate',
    pipeline: null,
    operation: null,
    effectiveFrom: Date.UTC(2026, 0, 1),
    effectiveTo: null,
    centsPerJob: null,
    centsPerSecond: 0.14,
    centsPerMillionInputTokens: null,
    centsPerMillionOutputTokens: null,
  });
});

test('a time is read with its zone, and a date alone means its midnight', () => {
  const read = readPrice(
    { ...whole, effectiveFrom: '2026-01-01T01:00:00+01:00', effectiveTo: '2026-02-01' },
    '$',
  );
  expect(read).toMatchObject({ effectiveFrom: Date.UTC(2026, 0, 1), effectiveTo: Date.UTC(2026, 1, 1) });
});

test.for([
  ['text', '$[3]', /object/],
  [{ ...whole, provider: undefined }, '$[3].provider', /required/],
  [{ ...whole, provider: '' }, '$[3].provider', /text of 1 to 100/],
  [{ ...whole, operation: 'approval' }, '$[3].pipeline', /beside operation/],
  [{ ...whole, effectiveFrom: 'yesterday' }, '$[3].effectiveFrom', /ISO 8601/],
  [{ ...whole, effectiveFrom: '2026-01-01T00:00' }, '$[3].effectiveFrom', /zone/],
  [{ ...whole, effectiveTo: '2026-01-01' }, '$[3].effectiveTo', /after effectiveFrom/],
  [{ ...whole, centsPerSecond: -1 }, '$[3].centsPerSecond', /from 0/],
  [{ ...whole, centsPerSecond: '0.14' }, '$[3].centsPerSecond', /a number of cents/],
  [{ ...whole, centsPerSecond: Number.NaN }, '$[3].centsPerSecond', /a number of cents/],
  [{ ...whole, centsPerSecond: 0.0000001 }, '$[3].centsPerSecond', /6 decimals/],
  [{ ...whole, centsPerSecond: null }, '$[3].centsPerJob', /one of centsPerJob, centsPerSecond/],
  [{ ...whole, centsPerHour: 1 }, '$[3].centsPerHour', /the fields are provider/],
] as const)('%j is refused by its field', ([input, path, message]) => {
  expect(readPrice(input, '$[3]')).toEqual([{ path, message: expect.stringMatching(message) }]);
});
