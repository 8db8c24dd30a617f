import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

const options = { places: 3, placesOfOne: 2, waitingOfOne: 2, patience: 60_000, refusal: 'too many' };

/** Whether the promise has a result by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open');
  await Promise.resolve();
  return (await Promise.race([promise, Promise.resolve(open)])) !== open;
}

test('an owner takes some of the places, and another finds one', async () => {
  const turns = new Turns(options);
  await turns.take('a');
  await turns.take('a');
  const third = turns.take('a');
  expect(await isSettled(third)).toBe(false);
  await turns.take('b');
  expect(turns.waiting).toBe(1);
});

test('a free place goes to the owners in rotation, whatever the length of their queues', async () => {
  const turns = new Turns({ ...options, places: 1, placesOfOne: 1, waitingOfOne: 10 });
  const order: string[] = [];
  const end = await turns.take('a');
  const all = ['a', 'a', 'a', 'b', 'c'].map(async (owner) => {
    const done = await turns.take(owner);
    order.push(owner);
    done();
  });
  end();
  await Promise.all(all);
  expect(order).toEqual(['a', 'b', 'c', 'a', 'a']);
});

test('an owner whose queue is full is refused at once, and others are not', async () => {
  const turns = new Turns(options);
  await Promise.all([turns.take('a'), turns.take('a')]);
  void turns.take('a');
  void turns.take('a');
  await expect(turns.take('a')).rejects.toMatchObject({ code: 'rate_limited', message: 'too many' });
  await turns.take('b');
});

test('a wait ends with the patience, or with the signal, and leaves the queue', async () => {
  const turns = new Turns({ ...options, places: 1, patience: 5 });
  const end = await turns.take('a');
  await expect(turns.take('a')).rejects.toMatchObject({ code: 'overloaded' });
  const signal = AbortSignal.abort(new Error('gone'));
  const controller = new AbortController();
  const waiting = turns.take('b', controller.signal);
  controller.abort(signal.reason);
  await expect(waiting).rejects.toThrow('gone');
  expect(turns.waiting).toBe(0);
  end();
  await turns.take('c');
});

test('ending a turn twice gives one place back', async () => {
  const turns = new Turns({ ...options, places: 2, placesOfOne: 2 });
  const end = await turns.take('a');
  await turns.take('a');
  end();
  end();
  await turns.take('b');
  expect(await isSettled(turns.take('b'))).toBe(false);
});
