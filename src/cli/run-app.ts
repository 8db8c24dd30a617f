import { type App, startApp } from '../app/app.ts';
import type { Config } from '../config.ts';
import type { Log } from '../telemetry/log.ts';
import { endInTime, nextStopSignal } from './stop-signal.ts';

/**
 * Starts the service, runs `work`, and then stops the service. A stop signal aborts the signal that `work` receives. If
 * the signal arrives during the start, the parts that have started are stopped, and `work` does not run.
 */
export async function runApp(
  config: Config,
  log: Log,
  work: (app: App, stopRequested: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  void nextStopSignal().then((signal) => {
    log.info({ signal }, 'stopping: finishing accepted requests and events');
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
    log.info({ reason: String(error) }, 'stopped before the start was complete');
    return undefined;
  } finally {
    stopRequested.removeEventListener('abort', stopping);
  }
}

function stopInTime(config: Config, log: Log): void {
  endInTime(config, (milliseconds) =>
    log.error({ milliseconds }, 'could not stop in time; the process ends now'),
  );
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
