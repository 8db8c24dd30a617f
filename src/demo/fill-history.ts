import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { HOUR } from '../time.ts';
import type { DemoApi, SentCounts } from './api.ts';
import { type DeliveredRange, extendBy, missingRanges } from './delivered.ts';
import type { DemoEvent } from './make-usage.ts';
import type { ProgressFile } from './progress-file.ts';
import { deliveriesOfHour } from './traffic.ts';

/** Events in a request. */
const EVENTS_PER_REQUEST = 5_000;
/** Requests at the same time. */
const PARALLEL_REQUESTS = 2;

interface FillOptions {
  api: DemoApi;
  progress: ProgressFile;
  /** The wanted range, which begins with a full hour. */
  wanted: DeliveredRange;
  stopRequested: AbortSignal;
  /** Receives the share that is delivered, 0 to 1. */
  onProgress(share: number): void;
}

/** Sends all events of the wanted range that are not delivered yet. */
export async function fillHistory(options: FillOptions): Promise<SentCounts> {
  const { api, progress, wanted, stopRequested, onProgress } = options;
  let there = await progress.read();
  const missing = missingRanges(wanted, there);
  const total = missing.reduce((sum, range) => sum + range.to - range.from, 0);
  const sent: SentCounts = { stored: 0, duplicates: 0, rejected: 0 };
  let done = 0;
  for (const range of missing) {
    for await (const reached of sendRange(range, api, sent, stopRequested)) {
      onProgress((done + reached - range.from) / total);
      there = extendBy(there, range, reached);
      if (there) await progress.write(there);
    }
    done += range.to - range.from;
  }
  return sent;
}

/** Sends a range in requests that do not split an hour. Yields the moment up to which all has arrived. */
async function* sendRange(
  { from, to }: DeliveredRange,
  api: DemoApi,
  sent: SentCounts,
  stopRequested: AbortSignal,
): AsyncGenerator<number> {
  const underWay: { reaches: number; result: Promise<SentCounts> }[] = [];
  const settleOldest = async (): Promise<number> => {
    const oldest = underWay.shift();
    if (!oldest) return from;
    const { stored, duplicates, rejected } = await oldest.result;
    sent.stored += stored;
    sent.duplicates += duplicates;
    sent.rejected += rejected;
    return oldest.reaches;
  };
  let events: DemoEvent[] = [];
  for (let hour = from; hour < to && !stopRequested.aborted; hour += HOUR) {
    for (const { at, event } of deliveriesOfHour(hour)) if (at < to) events.push(event);
    const reaches = Math.min(hour + HOUR, to);
    if (events.length < EVENTS_PER_REQUEST && reaches < to) continue;
    const result = api.send(events);
    // `settleOldest` handles the rejection later; until then it must not count as unhandled.
    result.catch(() => {});
    underWay.push({ reaches, result });
    events = [];
    if (underWay.length === PARALLEL_REQUESTS) yield await settleOldest();
    else await yieldToOthers();
  }
  while (underWay.length > 0) yield await settleOldest();
}
