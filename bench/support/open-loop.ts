import { SECOND, sleep } from '../../src/time.ts';

/**
 * Starts work at fixed times, whether or not earlier work has ended, like independent callers.
 * @param rate starts a second
 * @param duration milliseconds
 * @returns milliseconds from the due time of each (not from its actual start) until its end
 */
export async function openLoop(
  rate: number,
  duration: number,
  work: (index: number) => Promise<unknown>,
): Promise<number[]> {
  const began = performance.now();
  const interval = SECOND / rate;
  const running: Promise<number>[] = [];
  for (let elapsed = 0; elapsed < duration; elapsed = performance.now() - began) {
    while (running.length * interval <= Math.min(elapsed, duration - interval)) {
      const due = began + running.length * interval;
      running.push(work(running.length).then(() => performance.now() - due));
    }
    await sleep(1);
  }
  return Promise.all(running);
}
