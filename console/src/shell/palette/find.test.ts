import { expect, test } from 'vitest';
import { find } from './find.ts';

const entries = ['Overview', 'Usage & spend', 'gpt-4o-mini', 'gpt-4o', 'claude-sonnet', 'mini-lm'].map(
  (text) => ({ text }),
);

function texts(typed: string): string[] {
  return find(entries, typed).map(({ text }) => text);
}

test('nothing typed finds everything', () => {
  expect(texts(' ')).toHaveLength(entries.length);
});

test('what begins with the letters comes first, then words, then parts', () => {
  expect(texts('mini')).toEqual(['mini-lm', 'gpt-4o-mini']);
  expect(texts('4o')).toEqual(['gpt-4o-mini', 'gpt-4o']);
});

test('letters in order are enough', () => {
  expect(texts('clsn')).toEqual(['claude-sonnet']);
});

test('special characters are only characters', () => {
  expect(texts('.*')).toEqual([]);
  expect(texts('e & s')).toEqual(['Usage & spend']);
});
