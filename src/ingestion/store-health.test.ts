import { expect, test } from 'vitest';
import { SECOND } from '../time.ts';
import { StoreHealth } from './store-health.ts';

const fullDisk = { code: '53100' };

function healthAt(start: number) {
  const clock = { now: () => at };
  let at = start;
  const health = new StoreHealth(clock);
  const fail = (error: unknown, times = 1) => {
    for (let done = 0; done < times; done++) health.failed(error);
  };
  return {
    health,
    fail,
    pass: (milliseconds: number) => {
      at += milliseconds;
    },
  };
}

test('storing counts as failing from the third failed batch in a row', async () => {
  const { health, fail } = healthAt(0);
  fail(fullDisk, 2);
  await health.check();
  fail(fullDisk);
  await expect(health.check()).rejects.toThrow('the last 3 batches of events could not be stored');
});

test('one stored batch ends it', async () => {
  const { health, fail } = healthAt(0);
  fail(fullDisk, 9);
  health.stored();
  fail(fullDisk, 2);
  await health.check();
});

test('after half a minute without a failure senders may try again, and the next failure counts at once', async () => {
  const { health, fail, pass } = healthAt(0);
  fail(fullDisk, 5);
  pass(30 * SECOND);
  await health.check();
  fail(fullDisk);
  await expect(health.check()).rejects.toThrow('the last 6 batches');
});

test('events that the database refuses for their content do not count', async () => {
  const { health, fail } = healthAt(0);
  for (const code of ['22P05', '23514', '21000']) fail({ code }, 5);
  await health.check();
});
