import { expect, test } from 'vitest';
import { Lookups } from './lookups.ts';

/** A name server that answers a name only when it is told to. */
function slowNames() {
  const asked: string[] = [];
  const waiting = new Map<string, () => void>();
  const lookups = new Lookups((host) => {
    asked.push(host);
    return new Promise((resolve) => {
      waiting.set(host, () => resolve([{ address: '192.0.2.1', family: 4 }]));
    });
  });
  const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { lookups, asked, nextTurn, answer: (host: string) => waiting.get(host)?.() };
}

test('an org has one lookup at a time, so its slow names hold up no other org', async () => {
  const { lookups, asked, nextTurn, answer } = slowNames();
  const slow = ['a1', 'a2', 'a3', 'a4'].map((host) => lookups.resolve(host, 'acme', undefined));
  const other = lookups.resolve('b1', 'globex', undefined);
  await nextTurn();
  expect(asked).toEqual(['a1', 'b1']);
  answer('b1');
  await expect(other).resolves.toHaveLength(1);
  for (const host of ['a1', 'a2', 'a3', 'a4']) {
    answer(host);
    await nextTurn();
  }
  await expect(Promise.all(slow)).resolves.toHaveLength(4);
});

test('a caller that gives up leaves its turn to nobody until the lookup has ended', async () => {
  const { lookups, asked, nextTurn, answer } = slowNames();
  const abort = new AbortController();
  const first = lookups.resolve('a1', 'acme', abort.signal);
  const second = lookups.resolve('a2', 'acme', undefined);
  await nextTurn();
  abort.abort(new Error('too late'));
  await expect(first).rejects.toThrow('too late');
  expect(asked).toEqual(['a1']);
  answer('a1');
  await nextTurn();
  expect(asked).toEqual(['a1', 'a2']);
  answer('a2');
  await expect(second).resolves.toHaveLength(1);
});

test('a name that was found lately is not looked up again', async () => {
  const { lookups, asked, nextTurn, answer } = slowNames();
  const first = lookups.resolve('a1', 'acme', undefined);
  await nextTurn();
  answer('a1');
  await first;
  await expect(lookups.resolve('a1', 'globex', undefined)).resolves.toHaveLength(1);
  expect(asked).toEqual(['a1']);
});
