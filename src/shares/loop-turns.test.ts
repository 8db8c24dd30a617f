import { expect, test } from 'vitest';
import { LoopTurns } from './loop-turns.ts';

/** Runs pieces of work, each with its owner and share, and returns the owners of each turn of the loop. */
async function turnsOf(work: readonly [owner: string, share: number][]): Promise<string[]> {
  const loop = new LoopTurns();
  const turns: string[] = [''];
  let open = work.length;
  const counting = () => {
    if (open === 0) return;
    turns.push('');
    setImmediate(counting);
  };
  // Before the work, so that it runs before the work of each turn.
  setImmediate(counting);
  const pieces = work.map(async ([owner, share]) => {
    await loop.take(owner, share);
    turns.push(`${turns.pop() ?? ''}${owner}`);
    open--;
  });
  await Promise.all(pieces);
  return turns.filter((owners) => owners !== '');
}

test('a turn takes pieces until it is full, and the rest waits for later turns', async () => {
  expect(await turnsOf(Array.from({ length: 6 }, () => ['a', 0.5]))).toEqual(['aa', 'aa', 'aa']);
});

test('a piece that is larger than a turn has a turn for itself', async () => {
  expect(
    await turnsOf([
      ['a', 30],
      ['b', 30],
      ['c', 0.1],
    ]),
  ).toEqual(['a', 'b', 'c']);
});

test('an owner of few pieces waits for one piece of an owner of many, not for all', async () => {
  const many = Array.from({ length: 5 }, (): [string, number] => ['a', 1]);
  expect(await turnsOf([...many, ['b', 1], ['b', 1]])).toEqual(['a', 'a', 'b', 'a', 'b', 'a', 'a']);
});

test('work that finds room begins at once', () => {
  const loop = new LoopTurns();
  expect([loop.take('a', 0.5), loop.take('b', 0.5)]).toEqual([undefined, undefined]);
  expect(loop.take('a', 0.5)).toBeInstanceOf(Promise);
});
