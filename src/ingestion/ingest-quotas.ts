import type { DailyUse } from '../quotas/daily-use.ts';
import { type Limits, quotaSentence } from '../quotas/quota.ts';
import type { SeriesIndex } from '../series/series-index.ts';
import type { EncodedEvent, EncodedEvents } from './encoded-events.ts';
import type { DedupResult } from './ledger.ts';

/** The quotas that events are checked against before they are stored. */
export class IngestQuotas {
  readonly #series: SeriesIndex;
  readonly #events: DailyUse;
  readonly seriesSentence: string;
  readonly eventsSentence: string;

  constructor(series: SeriesIndex, events: DailyUse, limits: Limits) {
    this.#series = series;
    this.#events = events;
    this.seriesSentence = quotaSentence('series', limits.series);
    this.eventsSentence = quotaSentence('events_per_day', limits.events_per_day);
  }

  /** Whether the org has stored as many events today as it may. */
  hasNoEventsLeft(orgId: string, now: number): boolean {
    return this.#events.isReached(orgId, now);
  }

  /** Leaves out the events of new series of orgs that have enough series. @returns those events */
  async removeNewSeries(encoded: EncodedEvents): Promise<EncodedEvent[]> {
    const beyond = await this.#series.beyondQuota(encoded.series);
    return beyond.size === 0 ? [] : encoded.removeSeries(beyond);
  }

  /** Counts the events that were stored. */
  count(events: readonly EncodedEvent[], results: ReadonlyMap<EncodedEvent, DedupResult>): void {
    let [orgId, stored] = ['', 0];
    // Neighbouring events are mostly of one org, which is then counted at once.
    for (const event of events) {
      if (event.orgId !== orgId) {
        this.#events.add(orgId, stored);
        [orgId, stored] = [event.orgId, 0];
      }
      if (results.get(event) === 'stored') stored++;
    }
    this.#events.add(orgId, stored);
  }
}
