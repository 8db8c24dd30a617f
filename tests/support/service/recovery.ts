import { expect, type TestContext } from 'vitest';
import { MINUTE, SECOND } from '../../../src/time.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** How long the recovery took; the summary of `npm test` shows it. */
    recoveries?: string[];
  }
}

/** Adds to the summary how long something took since `since`, on the clock of `performance.now()`. */
export function noteRecovery(context: TestContext, what: string, since: number): void {
  note(context, `${what}: ${secondsSince(since)}`);
}

/** Adds a line to the summary. */
export function note({ task }: TestContext, line: string): void {
  task.meta.recoveries = [...(task.meta.recoveries ?? []), line];
  console.log(line);
}

/** A duration such as `1.2 s`. */
export function secondsSince(since: number): string {
  return `${((performance.now() - since) / SECOND).toFixed(1)} s`;
}

/** A sender or publisher without end. */
interface Sending {
  /** When the last acknowledged submission began. */
  lastSuccess: number;
}

/** Returns once each of them has an acknowledged submission that began after `since`. */
export function servedAgain(senders: readonly Sending[], since: number): Promise<unknown> {
  return expect
    .poll(() => senders.filter(({ lastSuccess }) => lastSuccess < since).length, {
      timeout: 2 * MINUTE,
      interval: 20,
    })
    .toBe(0);
}
