import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLog } from '../telemetry/log.ts';
import { SECOND } from '../time.ts';
import { createParts } from './parts.ts';

const log = createLog({ level: 'silent' });
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Parts that stop at once and record it. */
function startThree(within?: number) {
  const parts = createParts(log);
  const ended: string[] = [];
  for (const name of ['database', 'worker', 'server']) {
    parts.onStop(async () => void ended.push(name), within);
  }
  return { parts, ended };
}

test('each part stops once, before the parts that it depends on', async () => {
  const { parts, ended } = startThree();
  await parts.stop();
  await parts.stop();
  expect(ended).toEqual(['server', 'worker', 'database']);
});

test('a part that stopped in time leaves no timer, which would keep the process alive', async () => {
  const { parts } = startThree(10 * SECOND);
  await parts.stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('stopping goes on when a part fails or does not stop in time', async () => {
  const { parts, ended } = startThree();
  parts.onStop(() => new Promise<void>(() => {}), 10 * SECOND);
  parts.onStop(() => Promise.reject(new Error('broken')));
  const stopped = parts.stop();
  await vi.advanceTimersByTimeAsync(10 * SECOND);
  await stopped;
  expect(ended).toEqual(['server', 'worker', 'database']);
});
