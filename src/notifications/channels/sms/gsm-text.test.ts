import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeNotice } from '../../../../tests/support/alerting/notices.ts';
import { cutToRoom, SEGMENT, toGsm } from './gsm-text.ts';
import { textOf } from './sms.ts';

test.each([
  ['Größe: 5 €', 'Größe: 5 €'],
  ['naïve café', 'naive café'],
  ['“quoted” – and…', '"quoted" - and...'],
  ['日本', '??'],
  ['🔥 hot', '? hot'],
])('%s is sent as %s', (text, sent) => {
  expect(toGsm(text)).toBe(sent);
});

test('a text that is too long is cut and marked as cut', () => {
  expect(cutToRoom('abcdefghij', 10)).toBe('abcdefghij');
  expect(cutToRoom('abcdefghijk', 10)).toBe('abcdefg...');
  // Each of these characters takes the room of two.
  expect(cutToRoom('[[[[[', 9)).toBe('[[[...');
});

test('every message is one segment of plain characters, whatever the name of the rule', () => {
  const extended = /[\^{}\\[\]~|€]/g;
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.dictionary(fc.string(), fc.string({ maxLength: 200 }), { maxKeys: 3 }),
      fc.double({ noNaN: true }),
      (name, group, value) => {
        const text = textOf(makeNotice({ name, group, value }));
        expect(text.length + (text.match(extended)?.length ?? 0)).toBeLessThanOrEqual(SEGMENT);
        expect(toGsm(text)).toBe(text);
        expect(text).toMatch(/^CRITICAL: /);
      },
    ),
  );
});
