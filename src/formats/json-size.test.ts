import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measureJson, refuseTooMuchJson } from './json-size.ts';

function measure(text: string) {
  return measureJson(Buffer.from(text));
}

/** What `measureJson` counts, by walking the parsed value. */
function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value);
  return 1 + Math.max(0, inner.length - 1) + inner.reduce((sum, one) => sum + valuesIn(one), 0);
}

test('the elements and values of JSON are those that JSON.parse finds', () => {
  const long = fc.array(fc.constantFrom('"', '\\', '[', ',', 'a'.repeat(40)), { maxLength: 8 });
  const value = fc
    .oneof(
      fc.jsonValue({ maxDepth: 4 }),
      long.map((parts) => parts.join('')),
    )
    .map((given) => JSON.stringify(given));
  fc.assert(
    fc.property(fc.array(value), fc.constantFrom('', ' ', '\n\t'), (items, gap) => {
      const text = `${gap}[${gap}${items.join(`${gap},${gap}`)}${gap}]`;
      const parsed = JSON.parse(text) as unknown[];
      expect(measure(text)).toEqual({ elements: parsed.length, values: valuesIn(parsed) });
    }),
  );
});

test('a count stops at its limit', () => {
  const text = Buffer.from('[{},{},{},{}]');
  expect(measureJson(text, 2).elements).toBe(3);
  expect(measureJson(text, Infinity, 4).values).toBe(5);
});

test('a string that a line leaves open does not hide the next line', () => {
  expect(measure('{"a\n[1,2,3]').values).toBe(4);
  expect(measure(`{"${'a'.repeat(100)}\n[1,2,3]`).values).toBe(4);
});

test.each([
  ['events', `[${'{},'.repeat(400_000)}{}]`, { isList: true }, 'must hold 10000 events or fewer'],
  [
    'values in one event',
    `[{"a":[${'{},'.repeat(1_100_000)}{}]}]`,
    { isList: true },
    'must hold 2000000 values',
  ],
  ['values in lines', `${'[[],[],[],[]]\n'.repeat(300_000)}`, {}, 'must hold 2000000 values or fewer'],
])('a body of too many %s is refused unparsed', (_, text, options, message) => {
  expect(() => refuseTooMuchJson(Buffer.from(text), options)).toThrow(
    expect.objectContaining({
      code: 'too_large',
      faults: [{ path: '$', message: expect.stringContaining(message) }],
    }),
  );
});
