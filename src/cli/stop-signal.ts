import type { Config } from '../config.ts';
import { SECOND } from '../time.ts';

/**
 * Resolves to the first stop signal. Later ones are ignored, because npm forwards a signal that the process group has
 * received already.
 */
export function nextStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
  });
}

/** Time for stopping beyond SHUTDOWN_TIMEOUT. */
const GRACE = 10 * SECOND;

/** Ends the process if stopping takes too long. `onOverdue` receives how long that was. */
export function endInTime(
  { shutdownTimeout }: Pick<Config, 'shutdownTimeout'>,
  onOverdue: (milliseconds: number) => void,
): void {
  const limit = shutdownTimeout + GRACE;
  // Unreferenced, so that it does not keep an idle process alive.
  setTimeout(() => {
    onOverdue(limit);
    process.exit(1);
  }, limit).unref();
}
