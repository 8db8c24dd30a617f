import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLog } from '../telemetry/log.ts';
import { SECOND } from '../time.ts';
import { createShutdown } from './shutdown.ts';

const log = createLog({ level: 'silent' });
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Three parts that end immediately and record their end. */
function startThree(timeout?: number) {
  const parts = createShutdown(log);
  const ended: string[] = [];
  for (const name of ['database', 'worker', 'server']) {
    parts.onStop(async () => void ended.push(name), timeout);
  }
  return { parts, ended };
}

test('a part ends before the parts that it uses, and only once', async () => {
  const { parts, ended } = startThree();
  await parts.stop();
  await parts.stop();
  expect(ended).toEqual(['server', 'worker', 'database']);
});

test('a part that ends in time leaves no timer, which would keep the process alive', async () => {
  const { parts } = startThree(10 * SECOND);
  await parts.stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('shutdown goes on after a part that does not end in time, or that fails', async () => {
  const { parts, ended } = startThree();
  parts.onStop(() => new Promise<void>(() => {}), 10 * SECOND);
  parts.onStop(() => Promise.reject(new Error('broken')));
  const stopped = parts.stop();
  await vi.advanceTimersByTimeAsync(10 * SECOND);
  await stopped;
  expect(ended).toEqual(['server', 'worker', 'database']);
});
