import { expect, test } from 'vitest';
import { HOUR } from '../time.ts';
import { Places } from './places.ts';

test('callers beyond the limit wait for a place, first come, first served', async () => {
  const places = new Places(2);
  const entered: string[] = [];
  const enter = async (name: string) => {
    expect(await places.enter(HOUR)).toBe(true);
    entered.push(name);
  };
  const coming = ['a', 'b', 'c', 'd'].map(enter);
  await Promise.all(coming.slice(0, 2));
  expect(entered).toEqual(['a', 'b']);
  places.leave();
  await coming[2];
  expect(entered).toEqual(['a', 'b', 'c']);
  places.leave();
  await coming[3];
  for (let left = 0; left < 2; left++) places.leave();
  expect(await places.enter(0)).toBe(true);
});

test('a caller that waited too long gives up and takes no place', async () => {
  const places = new Places(1);
  expect(await places.enter(0)).toBe(true);
  expect(await places.enter(1)).toBe(false);
  places.leave();
  expect(await places.enter(0)).toBe(true);
});
