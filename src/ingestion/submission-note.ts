import type { SkippedRecord } from '../formats/skipped-record.ts';
import type { Outcomes } from './recent/entry.ts';
import type { RecentLog, RecentNote } from './recent/recent-log.ts';
import type { EventError } from './refused-events.ts';

/** What a caller of ingestion knows about its submission, for the org's list of what arrived lately. */
export interface Arrival {
  /** The format in which it came, such as `otlp`. */
  format: string;
  /** The org of events that do not name one. */
  orgId?: string | undefined;
  /** Records that are no calls, and so are no events either. */
  skipped?: readonly SkippedRecord[];
  /** Why an event could not be read, where the caller knows more than ingestion. */
  reasonOf?(index: number): string | undefined;
}

interface Share {
  outcomes: Outcomes;
  refusals: RecentNote['refusals'][number][];
}

/** The refusals of one submission that are described; an org keeps no more. */
const MOST_REFUSALS = 20;

/** Gathers what one submission means for each of its orgs. */
export class SubmissionNote {
  readonly #arrival: Arrival;
  readonly #shares = new Map<string, Share>();
  #lastOrg: string | undefined;
  #last: Share | undefined;

  constructor(arrival: Arrival) {
    this.#arrival = arrival;
  }

  count(orgId: string, outcome: Exclude<keyof Outcomes, 'skipped'>): void {
    this.#shareOf(orgId).outcomes[outcome]++;
  }

  /**
   * @param orgId the org that the event names, if the caller may send events for it. Otherwise callers could write into the
   *   lists of others.
   */
  refuse(orgId: string | undefined, error: EventError | undefined): void {
    const owner = orgId ?? this.#arrival.orgId;
    if (owner === undefined) return;
    const share = this.#shareOf(owner);
    share.outcomes.rejected++;
    this.#describe(share, error);
  }

  conflict(orgId: string, error: EventError): void {
    const share = this.#shareOf(orgId);
    share.outcomes.conflicts++;
    this.#describe(share, error);
  }

  /** Hands everything over. */
  finish(recent: RecentLog, submission: Pick<RecentNote, 'at' | 'source' | 'correlationId'>): void {
    const { format, orgId: ofCaller, skipped = [] } = this.#arrival;
    if (ofCaller !== undefined && skipped.length > 0)
      this.#shareOf(ofCaller).outcomes.skipped = skipped.length;
    for (const [orgId, { outcomes, refusals }] of this.#shares) {
      const its = orgId === ofCaller ? skipped : [];
      recent.note({ ...submission, orgId, format, outcomes, refusals, skipped: its });
    }
  }

  #describe({ refusals }: Share, error: EventError | undefined): void {
    if (!error || refusals.length >= MOST_REFUSALS) return;
    const { index, eventId: id, code, detail } = error;
    refusals.push({ id, code, reason: this.#arrival.reasonOf?.(index) ?? detail });
  }

  #shareOf(orgId: string): Share {
    if (orgId === this.#lastOrg && this.#last) return this.#last;
    let share = this.#shares.get(orgId);
    if (!share) {
      share = {
        outcomes: { stored: 0, duplicates: 0, conflicts: 0, rejected: 0, skipped: 0 },
        refusals: [],
      };
      this.#shares.set(orgId, share);
    }
    this.#lastOrg = orgId;
    this.#last = share;
    return share;
  }
}
