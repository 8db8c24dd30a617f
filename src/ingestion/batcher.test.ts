import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { CodedError } from '../errors.ts';
import { Batcher } from './batcher.ts';
import { EncodedEvents } from './encoded-events.ts';
import type { EncodedSubmission, Source } from './store-batch.ts';

function submission(received: number, source: Source = 'http', owner = 'a'): EncodedSubmission {
  return {
    source,
    owner,
    encoded: new EncodedEvents(),
    received,
    rejected: 0,
    receivedAt: 0,
  };
}

/** A batcher whose flushes end when the test ends them, unless `instant`. */
function setUp({
  batchTimeout = 60_000,
  workers = 1,
  batchSize = 5_000,
  maxEvents = 50_000,
  instant = false,
} = {}) {
  const flushes: { submissions: readonly EncodedSubmission[]; end(): void; fail(error: unknown): void }[] =
    [];
  const batcher = new Batcher({
    batchSize,
    batchTimeout,
    workers,
    maxEvents,
    flush: (submissions) =>
      new Promise<void>((resolve, reject) => {
        flushes.push({ submissions, end: resolve, fail: reject });
        if (instant) resolve();
      }),
  });
  const store = (given: EncodedSubmission) => {
    batcher.admit(given.owner, given.received);
    return batcher.store(given);
  };
  const sizes = () => flushes.map(({ submissions }) => submissions.map(({ received }) => received));
  return { batcher, flushes, store, sizes };
}

function refusal(act: () => void): string {
  try {
    act();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
  }
  return 'none';
}

describe('a batch', () => {
  test('is flushed at once when it has enough events', () => {
    const { store, sizes } = setUp();
    void store(submission(499));
    expect(sizes()).toEqual([]);
    void store(submission(1));
    expect(sizes()).toEqual([[499, 1]]);
  });

  test('is flushed when its oldest submission has waited long enough', async () => {
    const { store, sizes } = setUp({ batchTimeout: 1, instant: true });
    await Promise.all([store(submission(1)), store(submission(2))]);
    expect(sizes()).toEqual([[1, 2]]);
    await store(submission(3));
    expect(sizes()).toEqual([[1, 2], [3]]);
  });

  test('gathers up to its size while every worker is busy, and is flushed when one is free', async () => {
    const { store, sizes, flushes } = setUp({ batchSize: 1_000 });
    void store(submission(500));
    for (const received of [10, 600, 600, 600]) void store(submission(received));
    expect(sizes()).toEqual([[500]]);
    flushes[0]?.end();
    await pause();
    // A submission is never split, so a batch may exceed its size.
    expect(sizes()).toEqual([[500], [10, 600, 600]]);
    flushes[1]?.end();
    await pause();
    expect(sizes()).toEqual([[500], [10, 600, 600], [600]]);
  });

  test('holds submissions of one source', async () => {
    const { store, sizes, flushes } = setUp();
    void store(submission(500));
    void store(submission(1, 'import'));
    void store(submission(2));
    void store(submission(3, 'import'));
    flushes[0]?.end();
    await pause();
    flushes[1]?.end();
    await pause();
    expect(sizes()).toEqual([[500], [1, 3], [2]]);
  });

  test('is flushed at the same time as others, up to the number of workers', async () => {
    const { store, sizes, flushes } = setUp({ workers: 2 });
    for (const received of [500, 501, 502, 503]) void store(submission(received));
    expect(sizes()).toEqual([[500], [501]]);
    flushes[1]?.end();
    await pause();
    expect(sizes()).toEqual([[500], [501], [502, 503]]);
  });
});

describe('with several owners', () => {
  test('a single event does not wait for the thousands of another owner', async () => {
    const { store, sizes, flushes } = setUp();
    void store(submission(1_000));
    for (const received of [1_000, 1_000]) void store(submission(received));
    void store(submission(1, 'http', 'b'));
    flushes[0]?.end();
    await pause();
    expect(sizes()).toEqual([[1_000], [1]]);
    flushes[1]?.end();
    await pause();
    expect(sizes()).toEqual([[1_000], [1], [1_000, 1_000]]);
  });

  test('a writer stays free for the events of light owners', async () => {
    const { store, sizes } = setUp({ workers: 2, batchTimeout: 1 });
    void store(submission(1, 'http', 'b'));
    await pause(20);
    void store(submission(1_000));
    expect(sizes()).toEqual([[1]]);
    void store(submission(2, 'http', 'c'));
    await pause(20);
    expect(sizes()).toEqual([[1], [2]]);
  });

  test('one owner alone uses every writer', () => {
    const { store, sizes } = setUp({ workers: 3 });
    for (const received of [1_000, 1_001, 1_002]) void store(submission(received));
    expect(sizes()).toEqual([[1_000], [1_001], [1_002]]);
  });
});

describe('a failed flush', () => {
  test('that one submission may have caused fails that submission alone', async () => {
    const { store, sizes, flushes } = setUp({ batchTimeout: 1 });
    const settled = Promise.allSettled([store(submission(1)), store(submission(2)), store(submission(3))]);
    for (const poisoned of [true, false, true, false]) {
      while (flushes.length === 0) await pause(1);
      const flush = flushes.pop();
      if (poisoned) flush?.fail(new Error('poison'));
      else flush?.end();
    }
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(sizes()).toEqual([]);
  });

  test('of the database fails every submission, without trying each', async () => {
    const { store, flushes } = setUp({ batchTimeout: 1 });
    const settled = Promise.allSettled([store(submission(1)), store(submission(2))]);
    while (flushes.length === 0) await pause(1);
    flushes[0]?.fail(new CodedError('unavailable', 'away'));
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(flushes).toHaveLength(1);
  });

  test('makes room for new submissions', async () => {
    const { batcher, store, flushes } = setUp({ maxEvents: 600 });
    const failing = store(submission(600)).catch(() => 'failed');
    expect(refusal(() => batcher.admit('a', 1))).toBe('overloaded');
    flushes[0]?.fail(new CodedError('unavailable', 'away'));
    expect(await failing).toBe('failed');
    await pause();
    expect(batcher.depth).toBe(0);
    expect(refusal(() => batcher.admit('a', 600))).toBe('none');
  });
});

describe('the limit of events', () => {
  test('counts events that wait and events that are being stored', async () => {
    const { batcher, store, flushes } = setUp({ maxEvents: 1_900 });
    void store(submission(600));
    void store(submission(300));
    expect(batcher.depth).toBe(900);
    expect(refusal(() => batcher.admit('a', 101))).toBe('overloaded');
    void store(submission(100));
    expect(refusal(() => batcher.admit('a', 1))).toBe('overloaded');
    flushes[0]?.end();
    await pause();
    expect(batcher.depth).toBe(400);
  });

  test('leaves room for other owners, however much one of them sends', () => {
    const { batcher, store } = setUp({ maxEvents: 2_000 });
    for (let sent = 0; sent < 1_000; sent += 100) void store(submission(100));
    expect(refusal(() => batcher.admit('a', 100))).toBe('overloaded');
    expect(refusal(() => batcher.admit('b', 500))).toBe('none');
    expect(refusal(() => batcher.admit('c', 250))).toBe('none');
  });

  test('accepts one larger submission when nothing else waits', () => {
    const { batcher } = setUp({ maxEvents: 10 });
    expect(refusal(() => batcher.admit('a', 1_000))).toBe('none');
    expect(refusal(() => batcher.admit('a', 1))).toBe('overloaded');
  });
});

describe('draining', () => {
  test('stores accepted submissions at once and refuses new ones', async () => {
    const { batcher, store, sizes, flushes } = setUp();
    const accepted = [store(submission(1)), store(submission(2))];
    const drained = batcher.drain();
    expect(sizes()).toEqual([[1, 2]]);
    expect(refusal(() => batcher.admit('a', 1))).toBe('unavailable');
    flushes[0]?.end();
    await Promise.all([...accepted, drained]);
    expect(batcher.depth).toBe(0);
  });

  test('waits for admitted requests that are still being read', async () => {
    const { batcher } = setUp({ instant: true });
    batcher.admit('a', 5);
    let drained = false;
    const draining = batcher.drain().then(() => {
      drained = true;
    });
    await pause(5);
    expect(drained).toBe(false);
    await batcher.store(submission(5));
    await draining;
  });

  test('waits for a submission without events too', async () => {
    const { batcher, store, flushes } = setUp();
    const accepted = store(submission(0));
    let drained = false;
    const draining = batcher.drain().then(() => {
      drained = true;
    });
    await pause(5);
    expect(drained).toBe(false);
    flushes[0]?.end();
    await Promise.all([accepted, draining]);
  });

  test('ends at once when nothing waits', async () => {
    await setUp().batcher.drain();
  });
});
