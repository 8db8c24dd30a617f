import type { DailyUse } from '../quotas/daily-use.ts';
import { type Limits, type QuotaName, quotaSentence } from '../quotas/quota.ts';
import type { SeriesIndex } from '../series/series-index.ts';
import type { EncodedEvent, EncodedEvents } from './encoded-events.ts';

interface DailyUses {
  events: DailyUse;
  bytes: DailyUse;
}

/** The quotas that events are checked against before they are stored. */
export class IngestQuotas {
  readonly #series: SeriesIndex;
  readonly #daily: DailyUses;
  readonly #limits: Limits;

  constructor(series: SeriesIndex, daily: DailyUses, limits: Limits) {
    this.#series = series;
    this.#daily = daily;
    this.#limits = limits;
  }

  /** Why the org may store no more events now; `undefined`: it may. */
  reachedBy(orgId: string, now: number): string | undefined {
    const { events, bytes } = this.#daily;
    if (events.isReached(orgId, now)) return this.#sentence('events_per_day');
    return bytes.isReached(orgId, now) ? this.#sentence('stored_bytes') : undefined;
  }

  get seriesSentence(): string {
    return this.#sentence('series');
  }

  /** Leaves out the events of new series of orgs that have enough series. @returns those events */
  async removeNewSeries(encoded: EncodedEvents): Promise<EncodedEvent[]> {
    const beyond = await this.#series.beyondQuota(encoded.series);
    return beyond.size === 0 ? [] : encoded.removeSeries(beyond);
  }

  /** Counts the events that were stored, and their bytes. */
  count(encoded: readonly EncodedEvent[]): void {
    const { events, bytes } = this.#daily;
    let [orgId, stored, size] = ['', 0, 0];
    const countOrg = () => {
      events.add(orgId, stored);
      bytes.add(orgId, size);
    };
    // Neighbouring events are mostly of one org, which is then counted at once.
    for (const event of encoded) {
      if (event.orgId !== orgId) {
        countOrg();
        [orgId, stored, size] = [event.orgId, 0, 0];
      }
      if (event.result !== 'stored') continue;
      stored++;
      for (const { start, end } of event.rows) size += end - start;
    }
    countOrg();
  }

  #sentence(quota: QuotaName): string {
    return quotaSentence(quota, this.#limits[quota]);
  }
}
