import { expect, test } from 'vitest';
import { escapeLine, escapeLineForPeople } from './escape-line.ts';

const said = { msg: 'a\u001b[31m\u202eb\u009b\n\\u001b', org: 'x\u2066\b' };

test('a line of the log is the same JSON without characters that a terminal obeys', () => {
  const line = escapeLine(JSON.stringify(said));
  expect(line).not.toMatch(/[\p{Cc}\u202e\u2066]/u);
  expect(JSON.parse(line)).toEqual(said);
});

test('people read the codes of such characters, and line feeds as they are', () => {
  expect(JSON.parse(escapeLineForPeople(JSON.stringify(said)))).toEqual({
    msg: 'a\\u001b[31m\\u202eb\\u009b\n\\u001b',
    org: 'x\\u2066\\b',
  });
});
