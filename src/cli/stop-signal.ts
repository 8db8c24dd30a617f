import type { Config } from '../config.ts';
import { SECOND } from '../time.ts';

/**
 * Resolves to the first signal that asks us to stop. Later ones change nothing: npm passes on a signal
 * that its group has received already.
 */
export function nextStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
  });
}

/** What stopping may take beyond the time for what was accepted. */
const GRACE = 10 * SECOND;

/** Ends the process, if it is still there, once stopping takes too long; `onOverdue` is told how long that was. */
export function endInTime(
  { shutdownTimeout }: Pick<Config, 'shutdownTimeout'>,
  onOverdue: (milliseconds: number) => void,
): void {
  const patience = shutdownTimeout + GRACE;
  // It keeps nothing going by itself: a process that has nothing else to do ends before.
  setTimeout(() => {
    onOverdue(patience);
    process.exit(1);
  }, patience).unref();
}
