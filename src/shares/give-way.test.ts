import { expect, test } from 'vitest';
import { GiveWay } from './give-way.ts';

test('a pause is four times as long as questions ran since the one before, and 20 ms at most', () => {
  let now = 1_000;
  const way = new GiveWay(() => now);
  expect(way.takeLength()).toBe(0);
  const end = way.begin();
  now += 1;
  const endOther = way.begin();
  now += 1;
  end();
  now += 1;
  endOther();
  now += 100;
  expect(way.takeLength()).toBe(12);
  expect(way.takeLength()).toBe(0);
  const endLong = way.begin();
  now += 2;
  expect(way.takeLength()).toBe(8);
  now += 3;
  endLong();
  expect(way.takeLength()).toBe(12);
  const endLongest = way.begin();
  now += 1_000;
  expect(way.takeLength()).toBe(20);
  endLongest();
});

test('without questions there is nothing to wait for', () => {
  expect(new GiveWay().pause()).toBeUndefined();
});
