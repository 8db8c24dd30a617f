import { expect, test } from 'vitest';
import { InFlightLimit } from './in-flight-limit.ts';

/** Starts pieces of one unit each. @returns how many have started, and what ends the oldest of those */
function start(limit: InFlightLimit, owner: string, pieces: number, amount = 1) {
  const started: (() => void)[] = [];
  for (let piece = 0; piece < pieces; piece++)
    void limit.enter(owner, amount).then((end) => started.push(end));
  return {
    started: async () => {
      await new Promise(setImmediate);
      return started.length;
    },
    endOldest: () => started.shift()?.(),
  };
}

test('an owner that is alone has no limit', async () => {
  const heavy = start(new InFlightLimit(3), 'a', 10);
  expect(await heavy.started()).toBe(10);
});

test('beside another owner, it has the limit in flight, and the rest follows as it ends', async () => {
  const limit = new InFlightLimit(3);
  limit.noteActive('b');
  const heavy = start(limit, 'a', 5);
  expect(await heavy.started()).toBe(3);
  const other = start(limit, 'b', 1);
  expect(await other.started()).toBe(1);
  heavy.endOldest();
  expect(await heavy.started()).toBe(3);
  for (let piece = 0; piece < 3; piece++) heavy.endOldest();
  expect(await heavy.started()).toBe(1);
});

test('what is larger than the limit starts when nothing else of its owner is in flight', async () => {
  const limit = new InFlightLimit(3);
  limit.noteActive('b');
  const [large, small] = [start(limit, 'a', 1, 10), start(limit, 'a', 1)];
  expect([await large.started(), await small.started()]).toEqual([1, 0]);
  large.endOldest();
  expect(await small.started()).toBe(1);
});

test('five seconds after the last of another owner, everything that waits goes on with the next end', async () => {
  let now = 0;
  const limit = new InFlightLimit(2, () => now);
  limit.noteActive('b');
  const heavy = start(limit, 'a', 6);
  expect(await heavy.started()).toBe(2);
  now = 5_000;
  heavy.endOldest();
  expect(await heavy.started()).toBe(5);
});

test('an end that is called twice counts once', async () => {
  const limit = new InFlightLimit(1);
  limit.noteActive('b');
  const end = await limit.enter('a', 1);
  const heavy = start(limit, 'a', 2);
  end();
  end();
  expect(await heavy.started()).toBe(1);
});
