import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binOf } from '../../events/sketch-bin.ts';
import { DAY } from '../../time.ts';
import { Sketch } from './sketch.ts';

const LONGEST_MICROS = 30 * DAY * 1_000;
const BOUND = 0.01;

/** Whole microseconds of every order of magnitude, as latencies are; each magnitude is equally likely. */
const micros = fc.oneof(
  fc.integer({ min: 0, max: 1_000 }),
  fc.integer({ min: 0, max: LONGEST_MICROS }),
  fc.double({ min: 0, max: Math.log(LONGEST_MICROS), noNaN: true }).map((log) => Math.floor(Math.exp(log))),
);
const parts = fc.array(fc.array(micros, { minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 8 });
const quantile = fc.oneof(
  fc.constantFrom(0, 0.5, 0.95, 0.99, 0.999, 1),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

/** As `percentile_disc`: the smallest value whose rank is at least `q` times the number of values. */
function exactQuantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)] ?? Number.NaN;
}

/** A sketch as the database stores it: six bytes an entry. */
function entriesOf(entries: readonly (readonly [bin: number, count: number])[]): Buffer {
  return Buffer.concat(
    entries.map(([bin, count]) => {
      const bytes = Buffer.alloc(6);
      bytes.writeInt16BE(bin);
      bytes.writeInt32BE(count, 2);
      return bytes;
    }),
  );
}

/** Base64 as PostgreSQL writes it, in lines of 76 characters. */
function inBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/.{76}(?=.)/g, '$&\n');
}

/** A sketch as a fold of raw events leaves it: one entry for each value, in the order of arrival. */
function listed(values: readonly number[]): Buffer {
  return entriesOf(values.map((value) => [binOf(value), 1]));
}

/** A sketch as a merge leaves it: each bin once, with its count. */
function counted(values: readonly number[]): Buffer {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(binOf(value), (counts.get(binOf(value)) ?? 0) + 1);
  return entriesOf([...counts]);
}

function addListed(sketch: Sketch, values: readonly number[]): void {
  sketch.add(inBase64(listed(values)), Math.min(...values), Math.max(...values));
}

function addCounted(sketch: Sketch, values: readonly number[]): void {
  sketch.add(inBase64(counted(values)), Math.min(...values), Math.max(...values));
}

describe('a sketch', () => {
  test('is within 1 % of every exact quantile, and exact at zero, whatever was merged', () => {
    fc.assert(
      fc.property(parts, quantile, (lists, q) => {
        const sketch = new Sketch();
        lists.forEach((values, index) => {
          (index % 2 === 0 ? addListed : addCounted)(sketch, values);
        });
        const exact = exactQuantile(lists.flat(), q);
        const estimate = sketch.quantile(q) ?? Number.NaN;
        expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(BOUND * exact);
      }),
      { numRuns: 2_000 },
    );
  });

  test('gives the same for values merged in parts and all at once', () => {
    fc.assert(
      fc.property(parts, quantile, (lists, q) => {
        const merged = new Sketch();
        for (const values of lists) addCounted(merged, values);
        const whole = new Sketch();
        addListed(whole, lists.flat());
        expect(merged.quantile(q)).toBe(whole.quantile(q));
      }),
    );
  });

  test('gives the same for parts one after the other and each by itself', () => {
    fc.assert(
      fc.property(parts, quantile, (lists, q) => {
        const together = new Sketch();
        const all = lists.flat();
        const sketches = lists.map((values, index) => (index % 2 === 0 ? listed : counted)(values));
        together.add(inBase64(Buffer.concat(sketches)), Math.min(...all), Math.max(...all));
        const whole = new Sketch();
        addListed(whole, all);
        expect(together.quantile(q)).toBe(whole.quantile(q));
      }),
    );
  });

  test('keeps the smallest and the largest value exactly', () => {
    const sketch = new Sketch();
    addListed(sketch, [123_457, 7, 98_765_432]);
    expect([sketch.quantile(0), sketch.quantile(1)]).toEqual([7, 98_765_432]);
  });

  test('has no quantiles before anything is added and after it is cleared', () => {
    const sketch = new Sketch();
    sketch.add(null, null, null);
    expect(sketch.quantile(0.5)).toBeNull();
    addListed(sketch, [1]);
    sketch.clear();
    expect(sketch.quantile(0.5)).toBeNull();
  });
});
