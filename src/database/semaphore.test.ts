import { expect, test } from 'vitest';
import { HOUR } from '../time.ts';
import { Semaphore } from './semaphore.ts';

test('callers beyond the limit wait for a place, first come, first served', async () => {
  const semaphore = new Semaphore(2);
  const entered: string[] = [];
  const enter = async (name: string) => {
    expect(await semaphore.acquire(HOUR)).toBe(true);
    entered.push(name);
  };
  const coming = ['a', 'b', 'c', 'd'].map(enter);
  await Promise.all(coming.slice(0, 2));
  expect(entered).toEqual(['a', 'b']);
  semaphore.release();
  await coming[2];
  expect(entered).toEqual(['a', 'b', 'c']);
  semaphore.release();
  await coming[3];
  for (let left = 0; left < 2; left++) semaphore.release();
  expect(await semaphore.acquire(0)).toBe(true);
});

test('a caller that waited too long gives up and takes no place', async () => {
  const semaphore = new Semaphore(1);
  expect(await semaphore.acquire(0)).toBe(true);
  expect(await semaphore.acquire(1)).toBe(false);
  semaphore.release();
  expect(await semaphore.acquire(0)).toBe(true);
});
