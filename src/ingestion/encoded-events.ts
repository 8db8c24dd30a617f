import xxhash from 'xxhash-wasm';
import type { Row } from '../events/event-type.ts';
import type { ReadEvent } from '../events/read-event.ts';
import { type RowSpan, RowWriter } from '../events/row-writer.ts';
import type { PriceBook } from '../prices/price-book.ts';
import { seriesNameOf } from '../series/enter-series.ts';
import { dayOf } from './partitions.ts';
import { priceRow } from './price-row.ts';

const { h64Raw } = await xxhash();

/** One row of an event: where it stands in the bytes, and the series it counts for. */
interface EncodedRow extends RowSpan {
  series: string;
}

/** An event ready to be stored; its rows stand one after another. */
export interface EncodedEvent {
  orgId: string;
  /** 32 hexadecimal digits. */
  eventId: string;
  /** The id as it was sent. */
  sentId: string;
  type: string;
  /** Microseconds since the epoch. */
  occurredAt: number;
  /** 64-bit xxHash of everything the event says (not of how it reached us). */
  payloadHash: bigint;
  correlationId: string;
  rows: readonly EncodedRow[];
  /** Where it stood in what the caller sent. */
  index: number;
}

/** Events of one submission, encoded back to back in the format in which they are stored. */
export class EncodedEvents {
  readonly events: EncodedEvent[] = [];
  /** The dimensions behind every series name used by the events. */
  readonly series = new Map<string, Row>();
  readonly #writer = new RowWriter();

  get bytes(): Buffer {
    return this.#writer.bytes;
  }

  /** @param prices for jobs that do not say what they cost */
  add(event: ReadEvent, correlationId: string, index: number, prices?: PriceBook): void {
    const head = event.rows[0];
    if (!head) return;
    let payloadHash = 0n;
    const rows = event.rows.map((row) => {
      const said = this.#writer.write(row, correlationId);
      payloadHash = h64Raw(this.#writer.bytes.subarray(said.contentStart, said.contentEnd), payloadHash);
      const priced = prices ? priceRow(row, prices) : row;
      const series = seriesNameOf(priced);
      if (!this.series.has(series)) this.series.set(series, priced);
      if (priced === row) return { ...said, series };
      // Hashed as it was sent, stored with its cost: a replay is a duplicate whatever the price is by then.
      this.#writer.removeLast(said);
      return { ...this.#writer.write(priced, correlationId), series };
    });
    this.events.push({
      orgId: event.orgId,
      eventId: event.eventId,
      sentId: event.sentId,
      type: String(head.type),
      occurredAt: Number(head.occurred_at),
      payloadHash: BigInt.asIntN(64, payloadHash),
      correlationId,
      rows,
      index,
    });
  }
}

/** The days, since the epoch, that the events fall on. */
export function daysOf(events: readonly EncodedEvent[]): Set<number> {
  return new Set(events.map((event) => dayOf(event.occurredAt)));
}
