import { type App, startApp } from '../app/app.ts';
import type { Config } from '../config.ts';
import type { Log } from '../telemetry/log.ts';
import { endInTime, nextStopSignal } from './stop-signal.ts';

/**
 * Starts the service, runs `work` beside it, and stops the service once `work` is done; `work` is told when
 * the process is asked to stop. Asked while it starts, it takes back what it has started, and `work` is not run.
 */
export async function runApp(
  config: Config,
  log: Log,
  work: (app: App, stopRequested: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  void nextStopSignal().then((signal) => {
    log.info({ signal }, 'stopping: finishing what was accepted');
    stop.abort();
  });
  const app = await startUnlessStopped(config, log, stop.signal);
  if (app === undefined) return;
  try {
    await work(app, stop.signal);
  } finally {
    stopInTime(config, log);
    await app.stop();
  }
}

async function startUnlessStopped(
  config: Config,
  log: Log,
  stopRequested: AbortSignal,
): Promise<App | undefined> {
  const stopping = () => stopInTime(config, log);
  stopRequested.addEventListener('abort', stopping);
  try {
    return await startApp(config, log, stopRequested);
  } catch (error) {
    if (!stopRequested.aborted) throw error;
    log.info({ reason: String(error) }, 'stopped before it had started');
    return undefined;
  } finally {
    stopRequested.removeEventListener('abort', stopping);
  }
}

function stopInTime(config: Config, log: Log): void {
  endInTime(config, (milliseconds) => log.error({ milliseconds }, 'could not stop in time'));
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
