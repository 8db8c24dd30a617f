import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Occurrences } from './occurrences.ts';

function hashOf(content: number): Buffer {
  return createHash('sha256').update(String(content)).digest();
}

test('every occurrence of a content has its number, however many contents there are', () => {
  const occurrences = new Occurrences();
  const contents = Array.from({ length: 5_000 }, (_, content) => content);
  for (const occurrence of [1, 2, 3]) {
    const numbers = contents.map((content) => occurrences.next(hashOf(content)));
    expect(new Set(numbers)).toEqual(new Set([occurrence]));
  }
});
