import { expect, test } from 'vitest';
import { sentencesOf } from './sentence.ts';

function found(markdown: string): string[] {
  return sentencesOf(markdown).map(({ text, words, line }) => `${line} ${words} ${text}`);
}

test('a sentence ends where another one begins, over the ends of lines', () => {
  expect(found('One two. Three\nfour five? `six` seven! 8 is\neight.')).toEqual([
    '0 2 One two.',
    '0 3 Three four five?',
    '1 2 `six` seven!',
    '1 3 8 is eight.',
  ]);
});

test('abbreviations, numbers and names of files end none', () => {
  expect(found('See e.g. `a.ts` or cf. Masson, version 1.2 of x.y and more.')).toHaveLength(1);
});

test('inline code is one word, and of a link its text is counted', () => {
  expect(found('Run `npm run lint now` as [the guide](docs/guide.md) **says**.')).toEqual([
    '0 6 Run `npm_run_lint_now` as the guide says.',
  ]);
});

test('marks without a letter or digit are no words', () => {
  expect(found('left — right = 2 | x')).toEqual(['0 4 left — right = 2 | x']);
});

test('headings, items of lists and cells of tables end what is in them', () => {
  const markdown =
    '# A heading\nA paragraph\n- an item\n  of two lines\n1. a number\n\n| a cell | of two |\n|---|---|\n> said';
  expect(found(markdown)).toEqual([
    '0 2 A heading',
    '1 2 A paragraph',
    '2 5 an item of two lines',
    '4 2 a number',
    '6 2 a cell',
    '6 2 of two',
    '8 1 said',
  ]);
});

test('blocks of code and remarks are left out', () => {
  expect(found('Before:\n```sh\nnpm ci\n~~~\n```\n<!-- a remark -->\nAfter.')).toEqual([
    '0 1 Before:',
    '6 1 After.',
  ]);
});

test('tags of doc comments begin a sentence', () => {
  expect(found('Reads it\n@param name the file\n@throws {CodedError} when closed')).toEqual([
    '0 2 Reads it',
    '1 2 the file',
    '2 2 when closed',
  ]);
});
