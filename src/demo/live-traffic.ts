import type { Tidemark, TrackedEvent } from '../../client/dist/esm/tidemark.js';
import { type Clock, HOUR, SECOND, sleep } from '../time.ts';
import type { ProgressFile } from './progress-file.ts';
import { type Delivery, deliveriesOfHour } from './traffic.ts';

export interface LiveOptions {
  /** Is closed at the end. */
  client: Tidemark;
  progress: ProgressFile;
  clock: Clock;
  /** End of the history, in milliseconds since the epoch. */
  from: number;
  stopRequested: AbortSignal;
  /** Called each second with the count of live events that were stored. */
  onStored(count: number): void;
}

/**
 * Continues the history: tracks each event at its time, as an application does, until a stop signal. The load is like that
 * of the hours before.
 */
export async function runLiveTraffic(options: LiveOptions): Promise<void> {
  const { client, progress, clock, stopRequested, onStored } = options;
  let reached = options.from;
  let hour = { start: Number.NaN, deliveries: [] as Delivery[] };
  let endedHour: number | undefined;
  while (!stopRequested.aborted) {
    await sleep(SECOND, stopRequested);
    onStored(client.stats.stored);
    // A later start repeats an hour that was begun, so only whole hours are recorded, once the service has all of them.
    if (endedHour !== undefined && client.stats.queued === 0) {
      await recordReached(progress, endedHour);
      endedHour = undefined;
    }
    const start = Math.floor(reached / HOUR) * HOUR;
    const until = Math.min(clock.now(), start + HOUR);
    if (hour.start !== start) hour = { start, deliveries: deliveriesOfHour(start) };
    for (const { at, event } of hour.deliveries) {
      if (at >= reached && at < until) client.track(event as TrackedEvent);
    }
    reached = until;
    if (until === start + HOUR) endedHour = until;
  }
  await client.close();
  onStored(client.stats.stored);
}

async function recordReached(progress: ProgressFile, to: number): Promise<void> {
  const there = await progress.read();
  if (there) await progress.write({ ...there, to });
}
