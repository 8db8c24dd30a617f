import { expect, test } from 'vitest';
import { isStorable, showHidden, withoutHidden } from './plain-text.ts';

test('a terminal is shown the codes of characters that it would obey', () => {
  expect(showHidden('a\u001b[31m\u202eb\u0007\u009b\u2066\n')).toBe(
    'a\\u001b[31m\\u202eb\\u0007\\u009b\\u2066\\u000a',
  );
  expect(showHidden('one\ntwo\u001b', { lines: true })).toBe('one\ntwo\\u001b');
  expect(showHidden('Grüße 👩‍🔬 שלום')).toBe('Grüße 👩‍🔬 שלום');
});

test('people are shown a text without such characters', () => {
  expect(withoutHidden('pay\u202etxt.exe\u202c\u0007\u200f!\nnext')).toBe('paytxt.exe !\nnext');
});

test('PostgreSQL can store neither NUL nor half of a surrogate pair', () => {
  expect(['a', '👩‍🔬', 'a\0', '\ud800', 'x\udc00'].map(isStorable)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
