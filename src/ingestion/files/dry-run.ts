import type { Pool } from 'pg';
import type { Row } from '../../events/event-type.ts';
import { readEvent } from '../../events/read-event.ts';
import type { Prices } from '../../prices/current-prices.ts';
import type { Clock } from '../../time.ts';
import { OTHER_CONTENT } from '../count-outcomes.ts';
import { EncodedEvents } from '../encoded-events.ts';
import type { Ingest } from '../ingest.ts';
import { lookUp } from '../ledger.ts';
import { isUnpriced, priceRow } from '../price-row.ts';
import { RefusedEvents } from '../refused-events.ts';

interface DryRunOptions {
  pool: Pool;
  clock: Clock;
  currentPrices(): Promise<Prices>;
}

/** What the new events of an import would add. */
export interface WouldCount {
  inputTokens: number;
  outputTokens: number;
  /** Nano-dollars. */
  cost: number;
  /** Events of a type with costs that would have none. */
  unpriced: number;
}

/**
 * Stands in for ingestion: it reads the events, compares them with the ledger and with each other, and stores nothing. It
 * remembers the events of the run, about 200 bytes each.
 */
export class DryRun implements Pick<Ingest, 'submit'> {
  readonly totals: WouldCount = { inputTokens: 0, outputTokens: 0, cost: 0, unpriced: 0 };
  readonly #options: DryRunOptions;
  /** The hash of the content of each event so far, by org and id. */
  readonly #seen = new Map<string, bigint>();

  constructor(options: DryRunOptions) {
    this.#options = options;
  }

  readonly submit: Ingest['submit'] = async (submission) => {
    const { pool, clock, currentPrices } = this.#options;
    const { events, anyTime = false, maxErrors = 100, rejected = [] } = submission;
    const received = events.length + rejected.length;
    const refused = new RefusedEvents(rejected, maxErrors);
    const encoded = new EncodedEvents();
    const rows = new Map<number, Row>();
    const now = clock.now();
    for (const [index, event] of events.entries()) {
      const read = readEvent(event, { now, anyTime });
      if (Array.isArray(read)) refused.add(index, event, 'invalid', read);
      else {
        encoded.add(read, submission.correlationId, index);
        if (read.rows[0]) rows.set(index, read.rows[0]);
      }
    }
    const known = await lookUp(pool, encoded.events);
    const prices = await currentPrices();
    const result = { received, stored: 0, duplicates: 0, conflicts: 0, rejected: refused.count };
    const errors = [...refused.errors];
    for (const event of encoded.events) {
      const id = `${event.orgId} ${event.eventId}`;
      const earlier = known.get(event) ?? this.#seen.get(id);
      this.#seen.set(id, earlier ?? event.payloadHash);
      const row = rows.get(event.index);
      if (earlier === undefined) {
        result.stored++;
        if (row) this.#add(priceRow(row, prices));
      } else if (earlier === event.payloadHash) result.duplicates++;
      else {
        result.conflicts++;
        errors.push({ index: event.index, eventId: event.sentId, code: 'conflict', detail: OTHER_CONTENT });
      }
    }
    return { ...result, errors };
  };

  #add(row: Row): void {
    this.totals.inputTokens += Number(row.input_tokens ?? 0);
    this.totals.outputTokens += Number(row.output_tokens ?? 0);
    this.totals.cost += Number(row.cost ?? 0);
    if (isUnpriced(row)) this.totals.unpriced++;
  }
}
