// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings are TypeScript
import { expect, test } from 'vitest';
import { proseOf } from './source-prose.ts';

test('messages are strings of some words, with values put in', () => {
  const text = 'const a = "short text";\nthrow new Error(`the org ${name} may not read these events`);';
  expect(proseOf(text)).toEqual([{ line: 2, text: 'the org VALUE may not read these events' }]);
});

test('strings that are joined are one, and a value put in may hold another', () => {
  const text =
    "say('one two three ' + `four ${long ? 'yes and one two three four' : ''} five ` + count + ' six');";
  expect(proseOf(text).map((prose) => prose.text)).toEqual([
    'yes and one two three four',
    'one two three four VALUE five VALUE six',
  ]);
});

test('SQL and HTML are left out, but for the comments of SQL', () => {
  const text =
    'query(`\n  -- Why so.\n  select a, b, c from t where d = 1`); send(`<p>one two three four five six</p>`);';
  expect(proseOf(text)).toEqual([{ line: 1, text: 'Why so.' }]);
});

test('comments come without their marks, and line comments that follow each other are one', () => {
  const text =
    '/**\n * What it does\n * and why.\n */\nf(); // Aside.\n\n// First line,\n  // second line.\ng(/* inside */);';
  expect(proseOf(text)).toEqual([
    { line: 1, text: '\nWhat it does\nand why.' },
    { line: 5, text: 'Aside.' },
    { line: 7, text: 'First line,\nsecond line.' },
    { line: 9, text: ' inside' },
  ]);
});

test('what looks like a comment in a string or an expression is none', () => {
  expect(proseOf('const a = "// no"; const b = /\\/\\*x/; const c = `${d} // no`;')).toEqual([]);
});
