import type { Row } from '../events/event-type.ts';
import type { ReadEvent } from '../events/read-event.ts';
import { type RowSpan, RowWriter } from '../events/row-writer.ts';
import type { Prices } from '../prices/current-prices.ts';
import type { DeclaredLabels } from '../series/declared-labels.ts';
import { type SeriesDimensions, seriesDimensionsOf, seriesNameOf } from '../series/enter-series.ts';
import { dayOf } from './partitions.ts';
import { priceRow } from './price-row.ts';

/** The place of one row of an event in the bytes, and the series that it counts for. */
interface EncodedRow extends Pick<RowSpan, 'start' | 'end'> {
  series: string;
}

/**
 * What the ledger says of an event: it is new, it was counted before, or its id was used with other content. So is what
 * only one event may be: see `once` of its type.
 */
export type DedupResult = 'stored' | 'duplicate' | 'conflict';

/** An event that is ready to be stored. Its rows follow each other in the bytes. */
export interface EncodedEvent {
  orgId: string;
  /** 32 hexadecimal digits. */
  eventId: string;
  /** The id of what no other event may be; see `once` of its type. */
  onceId: string | undefined;
  /** The id as it was sent. */
  sentId: string;
  type: string;
  /** Microseconds since the epoch. */
  occurredAt: number;
  /** 64-bit xxHash of all that the event says, not of how it arrived. */
  payloadHash: bigint;
  correlationId: string;
  rows: readonly EncodedRow[];
  /** Its place in what the caller sent. */
  index: number;
  /** Of its own row, in nano-dollars; 0 where it has none. */
  cost: number;
  /** The sketch bin of its own row's duration; 0 where it has none. */
  valueBin: number;
  /** What the ledger says. Until its batch is committed, another try may change it. */
  result: DedupResult | undefined;
}

/** What an org has settled before the event. */
interface Settled {
  /** The prices for events that do not say their cost. */
  prices?: Prices | undefined;
  /** The labels that are dimensions. */
  labels?: DeclaredLabels | undefined;
}

/** Room for an ordinary event, which Node takes from a pool. */
const SMALL_BUFFER = 1_024;
const LARGE_BUFFER = 16_384;

/** The events of one submission, encoded one after another in the format in which they are stored. */
export class EncodedEvents {
  readonly events: EncodedEvent[] = [];
  /** The dimensions of every series that the events belong to, by the name of the series. */
  readonly series = new Map<string, SeriesDimensions>();
  /** The number of texts that were cut because they were too long. */
  cut = 0;
  readonly #writer: RowWriter;

  /** @param expected about how many events will be added: a large buffer costs more than to read a single event */
  constructor(expected = Number.POSITIVE_INFINITY) {
    this.#writer = new RowWriter(Math.min(LARGE_BUFFER, SMALL_BUFFER * expected));
  }

  get bytes(): Buffer {
    return this.#writer.bytes;
  }

  /** Leaves out the events of some series. @returns those events */
  removeSeries(names: ReadonlySet<string>): EncodedEvent[] {
    const isOfThem = ({ rows }: EncodedEvent) => rows.some(({ series }) => names.has(series));
    const removed = this.events.filter(isOfThem);
    this.events.splice(0, Infinity, ...this.events.filter((event) => !isOfThem(event)));
    for (const name of names) this.series.delete(name);
    return removed;
  }

  add(event: ReadEvent, correlationId: string, index: number, { prices, labels }: Settled = {}): void {
    const head = event.rows[0];
    if (!head) return;
    this.cut += event.cut;
    // The hash is of the rows as they were sent: not as they are settled, and without a cost by the price of the moment. So
    // a replay is a duplicate even after the price has changed.
    let payloadHash = event.settled ? this.#hashOf(event.rows, correlationId) : 0n;
    let cost = 0;
    const rows: EncodedRow[] = [];
    for (const row of event.settled ?? event.rows) {
      let span = this.#writer.write(row, correlationId);
      if (!event.settled) payloadHash = this.#writer.hash(span, payloadHash);
      const priced = prices ? priceRow(row, prices) : row;
      if (priced !== row)
        span = this.#writer.writeCost(span, Number(priced.cost), String(priced.cost_source));
      if (rows.length === 0) cost = Number(priced.cost ?? 0);
      const declared = row.labels === undefined ? undefined : labels?.among(row.org_id, String(row.labels));
      const series = seriesNameOf(priced, declared);
      if (!this.series.has(series)) this.series.set(series, seriesDimensionsOf(priced, declared));
      rows.push({ start: span.start, end: span.end, series });
    }
    this.events.push({
      orgId: event.orgId,
      eventId: event.eventId,
      sentId: event.sentId,
      onceId: event.onceId,
      type: String(head.type),
      occurredAt: Number(head.occurred_at),
      payloadHash: BigInt.asIntN(64, payloadHash),
      correlationId,
      rows,
      index,
      cost,
      valueBin: Number(head.value_bin ?? 0),
      result: undefined,
    });
  }

  /** The hash of rows that are not stored. */
  #hashOf(rows: readonly Row[], correlationId: string): bigint {
    let hash = 0n;
    let first: RowSpan | undefined;
    for (const row of rows) {
      const span = this.#writer.write(row, correlationId);
      hash = this.#writer.hash(span, hash);
      first ??= span;
    }
    if (first) this.#writer.removeFrom(first);
    return hash;
  }
}

/** The days of the events, as numbers of days since the epoch. */
export function daysOf(events: readonly EncodedEvent[]): Set<number> {
  return new Set(events.map((event) => dayOf(event.occurredAt)));
}
