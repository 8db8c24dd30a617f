import { type App, startApp } from '../app.ts';
import type { Config } from '../config.ts';
import type { Log } from '../telemetry/log.ts';
import { nextStopSignal } from './stop-signal.ts';

/**
 * Starts the service, runs `work` beside it, and stops the service once `work` is done; `work` is told when
 * the process is asked to stop.
 */
export const runApp = async (
  config: Config,
  log: Log,
  work: (app: App, stopRequested: AbortSignal) => Promise<void>,
): Promise<void> => {
  const stop = new AbortController();
  void nextStopSignal().then((signal) => {
    log.info({ signal }, 'stopping: finishing what was accepted');
    stop.abort();
  });
  const app = await startApp(config, log);
  try {
    await work(app, stop.signal);
  } finally {
    await stopWithin(app, config, log);
  }
};

const stopWithin = async (app: App, config: Config, log: Log): Promise<void> => {
  const grace = config.shutdownTimeout + 10_000;
  const overdue = setTimeout(() => {
    log.error({ milliseconds: grace }, 'could not stop in time');
    process.exit(1);
  }, grace);
  await app.stop();
  clearTimeout(overdue);
};

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
