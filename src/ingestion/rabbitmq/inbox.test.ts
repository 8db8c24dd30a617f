import { describe, expect, test } from 'vitest';
import { MessageInbox } from './inbox.ts';

const FOREVER = 60_000;

function open(options = {}) {
  return new MessageInbox<string>({ fullWeight: 10, maxItems: 100, maxWait: FOREVER, ...options });
}

describe('a batch is handed out', () => {
  test('when it reaches its weight, in the order in which its items came', async () => {
    const inbox = open();
    const batch = inbox.take();
    for (const item of ['a', 'b', 'c']) inbox.add(item, 4);
    expect(await batch).toEqual(['a', 'b']);
    expect(inbox.length).toBe(1);
  });

  test('when no more items will come before some are handled', async () => {
    const inbox = open({ maxItems: 2 });
    inbox.add('a', 1);
    inbox.add('b', 1);
    expect(await inbox.take()).toEqual(['a', 'b']);
  });

  test('when its oldest item has waited long enough', async () => {
    const inbox = open({ maxWait: 20 });
    const batch = inbox.take();
    inbox.add('a', 1);
    expect(await batch).toEqual(['a']);
  });

  test('by itself when one item is heavier than a batch', async () => {
    const inbox = open();
    inbox.add('heavy', 50);
    inbox.add('light', 1);
    expect(await inbox.take()).toEqual(['heavy']);
  });
});

test('a closed inbox hands out nothing and tells its waiting callers', async () => {
  const inbox = open();
  inbox.add('a', 1);
  const batch = inbox.take();
  inbox.close();
  expect(await batch).toBeUndefined();
  expect(await inbox.take()).toBeUndefined();
});
