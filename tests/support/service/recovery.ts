import { expect, type TestContext } from 'vitest';
import { MINUTE, SECOND } from '../../../src/time.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** How long it took until all was well again; the summary of `npm test` shows it. */
    recoveries?: string[];
  }
}

/** Notes for the summary how long something took that began at `since`, on the clock of `performance.now()`. */
export function noteRecovery(context: TestContext, what: string, since: number): void {
  note(context, `${what}: ${secondsSince(since)}`);
}

/** Adds a line to the summary. */
export function note({ task }: TestContext, line: string): void {
  task.meta.recoveries = [...(task.meta.recoveries ?? []), line];
  console.log(line);
}

/** Such as `1.2 s`. */
export function secondsSince(since: number): string {
  return `${((performance.now() - since) / SECOND).toFixed(1)} s`;
}

/** Whoever sends or publishes without end. */
interface Sending {
  /** When the last submission that was acknowledged began. */
  lastSuccess: number;
}

/** Returns once each of them has had something acknowledged that it began to send after `since`. */
export function servedAgain(senders: readonly Sending[], since: number): Promise<unknown> {
  return expect
    .poll(() => senders.filter(({ lastSuccess }) => lastSuccess < since).length, {
      timeout: 2 * MINUTE,
      interval: 20,
    })
    .toBe(0);
}
