import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../time.ts';
import { EvaluationShares } from './evaluation-shares.ts';

const BUDGET = 20 * SECOND;

test('owners that have used much go last, the one that has used least first', () => {
  const shares = new EvaluationShares(BUDGET);
  shares.end('heavy', 3 * SECOND, 0);
  shares.end('medium', SECOND, 0);
  shares.end('light', 50, 0);
  expect(shares.order(0)).toEqual({ excluded: [], last: ['medium', 'heavy'] });
});

test('the used time is paid off at the rate of the budget', () => {
  const shares = new EvaluationShares(BUDGET);
  shares.end('heavy', 10 * SECOND, 0);
  expect(shares.order(29 * SECOND).last).toEqual(['heavy']);
  expect(shares.order(30 * SECOND).last).toEqual([]);
});

test('an owner never has more to pay off than two budgets', () => {
  const shares = new EvaluationShares(BUDGET);
  for (let time = 0; time < 100; time++) shares.end('heavy', 8 * SECOND, 0);
  expect(shares.order(2 * MINUTE - SECOND).last).toEqual(['heavy']);
  expect(shares.order(2 * MINUTE).last).toEqual([]);
});

test('an owner has one evaluation at a time', async () => {
  const shares = new EvaluationShares(BUDGET);
  const orders: string[][] = [];
  const claim = (owner: string) =>
    shares.claim(
      async ({ excluded }) => {
        orders.push(excluded);
        return owner;
      },
      (claimed) => claimed,
    );
  await Promise.all([claim('a'), claim('b')]);
  shares.end('a', 1);
  await claim('c');
  expect(orders).toEqual([[], ['a'], ['b']]);
});

test('owners beyond their budget have one evaluation at a time together', async () => {
  const shares = new EvaluationShares(BUDGET);
  const now = performance.now();
  for (const owner of ['a', 'b']) shares.end(owner, 2 * BUDGET, now);
  shares.end('c', BUDGET / 2, now);
  await shares.claim(
    async () => 'a',
    (claimed) => claimed,
  );
  expect(shares.order(now)).toEqual({ excluded: ['a', 'b'], last: ['c', 'a', 'b'] });
});

test('a claim that fails delays no other one', async () => {
  const shares = new EvaluationShares(BUDGET);
  const failing = shares.claim(
    () => Promise.reject(new Error('gone')),
    () => '',
  );
  await expect(failing).rejects.toThrow('gone');
  expect(
    await shares.claim(
      async () => 'a',
      (claimed) => claimed,
    ),
  ).toBe('a');
});
