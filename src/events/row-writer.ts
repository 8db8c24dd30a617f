import xxhash from 'xxhash-wasm';
import {
  addedColumnNames,
  type ColumnType,
  contentColumnNames,
  contentColumns,
  eventColumnNames,
} from './columns.ts';
import type { Row } from './event-type.ts';
import type { Stored } from './field.ts';

const { h64Raw } = await xxhash();

/** Microseconds from the Unix epoch to that of PostgreSQL, 2000-01-01. */
export const POSTGRES_EPOCH_MICROS = 946_684_800_000_000;
const TWO_POW_32 = 2 ** 32;
const JSONB_VERSION = 1;
/** series_id, received_at and batch_id: a length and eight bytes each. They are known only when a batch is stored. */
const TAIL_BYTES = 3 * 12;
/** The most bytes that UTF-8 takes for one UTF-16 unit. */
const UTF8_MAX = 3;
const COST_BYTES = 8;
const NANODOLLARS_PER_FORMER_UNIT = 1_000;

const columnTypes: ColumnType[] = contentColumnNames.map((name) => contentColumns[name]);
const COST = contentColumnNames.indexOf('cost');

/** Writes a whole number of up to 64 bits without the cost of a BigInt. */
function writeInt64(target: Buffer, value: number, at: number): void {
  const high = Math.floor(value / TWO_POW_32);
  target.writeInt32BE(high, at);
  target.writeUInt32BE(value - high * TWO_POW_32, at + 4);
}

/**
 * A cost in the units of releases before nano-dollars, ten-thousandths of a cent, so that their events keep their hashes.
 * They had no cost between two of these units, and none below 0.
 */
function costAsHashed(nanodollars: number): number {
  return nanodollars % NANODOLLARS_PER_FORMER_UNIT === 0
    ? nanodollars / NANODOLLARS_PER_FORMER_UNIT
    : -nanodollars;
}

/** The place of a row in the bytes of the writer, and of the part that the event itself says. */
export interface RowSpan {
  start: number;
  end: number;
  /** From the first to the last column with a value, so that a new column behind them does not change the hash. */
  contentStart: number;
  contentEnd: number;
  /** Where the columns of its cost begin. */
  costAt: number;
  costSourceAt: number;
  /** `undefined` without a cost. */
  nanodollars: number | undefined;
}

/**
 * Writes rows of `analytics.events` in the binary format of PostgreSQL's COPY ("Binary Format" in its documentation).
 * They go one after another into one growing buffer, which is sent without another copy.
 */
export class RowWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(initialBytes = 16_384) {
    this.#bytes = Buffer.allocUnsafe(initialBytes);
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Hashes what the event of a row says itself. @param seed the hash of the rows before it, or 0 */
  hash({ contentStart, contentEnd, costAt, nanodollars }: RowSpan, seed: bigint): bigint {
    const content = this.#bytes.subarray(contentStart, contentEnd);
    if (nanodollars === undefined) return h64Raw(content, seed);
    writeInt64(this.#bytes, costAsHashed(nanodollars), costAt + 4);
    const hash = h64Raw(content, seed);
    writeInt64(this.#bytes, nanodollars, costAt + 4);
    return hash;
  }

  write(row: Row, correlationId: string): RowSpan {
    const start = this.#length;
    this.#reserve(2);
    const contentStart = this.#bytes.writeInt16BE(eventColumnNames.length, start);
    let contentEnd = contentStart;
    let costAt = 0;
    this.#length = contentStart;
    for (let i = 0; i < columnTypes.length; i++) {
      const value = row[contentColumnNames[i] as keyof Row];
      if (i === COST) costAt = this.#length;
      if (value === undefined) this.#writeNull();
      else {
        this.#writeValue(columnTypes[i] as ColumnType, value);
        contentEnd = this.#length;
      }
    }
    const costSourceAt = this.#length;
    for (const name of addedColumnNames) {
      const value = row[name];
      if (value === undefined) this.#writeNull();
      else this.#writeText(String(value));
    }
    this.#writeText(correlationId);
    this.#reserve(TAIL_BYTES);
    for (let i = 0; i < 3; i++) {
      this.#bytes.writeInt32BE(8, this.#length);
      this.#length += 12;
    }
    const nanodollars = row.cost === undefined ? undefined : Number(row.cost);
    return { start, end: this.#length, contentStart, contentEnd, costAt, costSourceAt, nanodollars };
  }

  /**
   * Puts a cost into the last row, which has none. Moving the bytes behind it takes a tenth of the time of writing the row
   * again (`npm run bench:prices`).
   * @param source as `cost_source` says it, in ASCII
   */
  writeCost(row: RowSpan, nanodollars: number, source: string): RowSpan {
    const { costAt, costSourceAt } = row;
    const sourceEnd = costSourceAt + 4 + Math.max(0, this.#bytes.readInt32BE(costSourceAt));
    const movedSource = costSourceAt + COST_BYTES;
    const movedEnd = movedSource + 4 + source.length;
    const end = row.end - sourceEnd + movedEnd;
    this.#reserve(end - row.end);
    this.#bytes.copyWithin(movedEnd, sourceEnd, row.end);
    this.#bytes.copyWithin(costAt + 4 + COST_BYTES, costAt + 4, costSourceAt);
    this.#bytes.writeInt32BE(COST_BYTES, costAt);
    writeInt64(this.#bytes, nanodollars, costAt + 4);
    this.#bytes.writeInt32BE(source.length, movedSource);
    this.#bytes.write(source, movedSource + 4, 'latin1');
    this.#length = end;
    const contentEnd = Math.max(row.contentEnd + COST_BYTES, costAt + 4 + COST_BYTES);
    return { ...row, end, contentEnd, costSourceAt: movedSource, nanodollars };
  }

  /** Removes a row and all that were written after it. */
  removeFrom(row: RowSpan): void {
    this.#length = row.start;
  }

  #writeValue(type: ColumnType, value: Stored): void {
    if (type === 'text') this.#writeText(value as string);
    else if (type === 'jsonb') this.#writeText(value as string, JSONB_VERSION);
    else if (type === 'bigint') this.#writeLong(value as number);
    else if (type === 'timestamptz') this.#writeLong((value as number) - POSTGRES_EPOCH_MICROS);
    else if (type === 'uuid') this.#writeUuid(value as string);
    else this.#writeShort(value as number);
  }

  #writeUuid(hex: string): void {
    this.#reserve(20);
    this.#bytes.writeInt32BE(16, this.#length);
    this.#bytes.write(hex, this.#length + 4, 'hex');
    this.#length += 20;
  }

  #writeShort(value: number): void {
    this.#reserve(6);
    this.#bytes.writeInt32BE(2, this.#length);
    this.#bytes.writeInt16BE(value, this.#length + 4);
    this.#length += 6;
  }

  #writeNull(): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeInt32BE(-1, this.#length);
  }

  #writeLong(value: number): void {
    this.#reserve(12);
    this.#bytes.writeInt32BE(8, this.#length);
    writeInt64(this.#bytes, value, this.#length + 4);
    this.#length += 12;
  }

  #writeText(value: string, prefix?: number): void {
    this.#reserve(5 + value.length * UTF8_MAX);
    let at = this.#length + 4;
    if (prefix !== undefined) at = this.#bytes.writeUInt8(prefix, at);
    at += this.#bytes.write(value, at, 'utf8');
    this.#bytes.writeInt32BE(at - this.#length - 4, this.#length);
    this.#length = at;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** What all rows of a submission get when their batch is stored. */
export interface Delivery {
  /** Microseconds since the epoch. */
  receivedAt: number;
  batchId: number;
}

/** Fills in the columns that are known only when a batch is stored, in the row that ends at `end`. */
export function stampRow(
  bytes: Buffer,
  end: number,
  seriesId: number,
  { receivedAt, batchId }: Delivery,
): void {
  writeInt64(bytes, seriesId, end - 32);
  writeInt64(bytes, receivedAt - POSTGRES_EPOCH_MICROS, end - 20);
  writeInt64(bytes, batchId, end - 8);
}
