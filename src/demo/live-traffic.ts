import { type Clock, HOUR, SECOND, sleep } from '../time.ts';
import type { DemoApi, SentCounts } from './api.ts';
import type { ProgressFile } from './progress-file.ts';
import { type Delivery, deliveriesOfHour } from './traffic.ts';

interface LiveOptions {
  api: DemoApi;
  progress: ProgressFile;
  clock: Clock;
  /** End of the history, in milliseconds since the epoch. */
  from: number;
  stopRequested: AbortSignal;
  onSent(sent: SentCounts): void;
  /** Receives the error of events that could not be sent. They are sent again. */
  onError(error: unknown): void;
}

/**
 * Continues the history: sends each event at its time, until a stop signal. The load is like that of the hours before.
 */
export async function runLiveTraffic(options: LiveOptions): Promise<void> {
  const { api, progress, clock, stopRequested, onSent, onError } = options;
  let reached = options.from;
  let hour = { start: Number.NaN, deliveries: [] as Delivery[] };
  while (!stopRequested.aborted) {
    await sleep(SECOND, stopRequested);
    const start = Math.floor(reached / HOUR) * HOUR;
    const until = Math.min(clock.now(), start + HOUR);
    if (hour.start !== start) hour = { start, deliveries: deliveriesOfHour(start) };
    const due = hour.deliveries.filter(({ at }) => at >= reached && at < until);
    try {
      if (due.length > 0) onSent(await api.send(due.map(({ event }) => event)));
      reached = until;
      // A later start repeats an hour that was begun, so only whole hours are recorded.
      if (until === start + HOUR) await recordReached(progress, until);
    } catch (error) {
      onError(error);
    }
  }
}

async function recordReached(progress: ProgressFile, to: number): Promise<void> {
  const there = await progress.read();
  if (there) await progress.write({ ...there, to });
}
