import { expect, test } from 'vitest';
import { fitsOf } from './times.ts';

function price(effectiveFrom: string, effectiveTo: string | null, model = 'gpt-4o') {
  return { model, provider: 'openai', serviceTier: null, effectiveFrom, effectiveTo };
}

test('prices that follow one another have no gap', () => {
  const first = price('2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z');
  const second = price('2026-06-01T00:00:00Z', null);
  const fits = fitsOf([second, first]);
  expect(fits.get(first)).toEqual({ kind: 'fine' });
  expect(fits.get(second)).toEqual({ kind: 'fine' });
});

test('a gap is told with its moments', () => {
  const first = price('2026-01-01T00:00:00Z', '2026-05-01T00:00:00Z');
  const second = price('2026-06-01T00:00:00Z', null);
  expect(fitsOf([first, second]).get(second)).toEqual({
    kind: 'gap',
    from: '2026-05-01T00:00:00Z',
    to: '2026-06-01T00:00:00Z',
  });
});

test('a price within a longer one overlaps with it, and so does the next', () => {
  const long = price('2026-01-01T00:00:00Z', '2026-12-01T00:00:00Z');
  const short = price('2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z');
  const next = price('2026-04-01T00:00:00Z', null);
  const fits = fitsOf([long, short, next]);
  expect(fits.get(short)).toEqual({ kind: 'overlap', with: long.effectiveFrom });
  expect(fits.get(next)).toEqual({ kind: 'overlap', with: long.effectiveFrom });
});

test('other models are others', () => {
  const one = price('2026-01-01T00:00:00Z', null);
  const other = price('2026-02-01T00:00:00Z', null, 'o1');
  expect(fitsOf([one, other]).get(other)).toEqual({ kind: 'fine' });
});
