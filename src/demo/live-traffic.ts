import { type Clock, HOUR, SECOND, sleep } from '../time.ts';
import type { DemoApi, Sent } from './api.ts';
import type { ProgressFile } from './progress-file.ts';
import { type Delivery, deliveriesOfHour } from './traffic.ts';

interface LiveOptions {
  api: DemoApi;
  progress: ProgressFile;
  clock: Clock;
  /** Where the history ends, in milliseconds since the epoch. */
  from: number;
  stopRequested: AbortSignal;
  onSent(sent: Sent): void;
  /** Told when something could not be sent; it is tried again. */
  onTrouble(error: unknown): void;
}

/**
 * Goes on where the history ends: sends each event when its time has come, until asked to stop. The live hours
 * are as busy as those before them.
 */
export async function runLiveTraffic(options: LiveOptions): Promise<void> {
  const { api, progress, clock, stopRequested, onSent, onTrouble } = options;
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
      // An hour that was begun is done again the next time, so only whole ones need noting.
      if (until === start + HOUR) await noteReached(progress, until);
    } catch (error) {
      onTrouble(error);
    }
  }
}

async function noteReached(progress: ProgressFile, to: number): Promise<void> {
  const there = await progress.read();
  if (there) await progress.write({ ...there, to });
}
