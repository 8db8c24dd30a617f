import { zstdCompressSync } from 'node:zlib';
import type { ColumnSource, ParquetWriter, SchemaElement } from 'hyparquet-writer';
import { decimalUnits } from '../../decimal.ts';
import { type Cell, numberText } from './columns.ts';
import type { ExportColumn } from './totals.ts';

/** The digits that always fit into 64 bits. Amounts of one event are stored as 64 bits, too. */
const PRECISION = 18;
/** The digits that fit into 16 bytes. A billion dollars in nano-dollars already have 19. */
export const PRECISION_OF_SUMS = 38;
const BYTES_OF_SUMS = 16;

/** How a column is stored. A decimal whose digits are not known is a double. */
interface ParquetColumn {
  element: SchemaElement;
  toStored(cell: Exclude<Cell, null>): unknown;
}

/**
 * Rows of a row group. They are in memory until the group is full, and nothing else of their thread runs while it is
 * written: 20,000 events held it for a third of a second. Twice as many save a twentieth of time and bytes.
 */
const ROWS_OF_GROUP = 5_000;
/** A group with so many characters of texts is full, too. Of raw events, 5,000 rows usually have less than two million. */
const CHARACTERS_OF_GROUP = 8 << 20;

/** A Parquet file that is written in groups of rows. */
export interface ParquetGroups {
  /** Adds a cell to the row. */
  add(column: number, cell: Cell): void;
  /** @returns the bytes of the group, if the row fills it */
  endRow(): Uint8Array | undefined;
  /** Writes the last group, and what comes after it. */
  end(): Uint8Array;
}

/**
 * Begins a file: decimals are DECIMAL(18, scale), sums DECIMAL(38, scale), times microseconds in UTC, everything else the
 * type nearest to it. The library is loaded at the first use.
 */
export async function parquetGroups(columns: readonly ExportColumn[]): Promise<ParquetGroups> {
  const library = await import('hyparquet-writer');
  const stored = columns.map(parquetColumn);
  const bytes = new library.ByteWriter();
  const schema = [{ name: 'root', num_children: columns.length }, ...stored.map(({ element }) => element)];
  const writer: ParquetWriter = new library.ParquetWriter({
    ...{ writer: bytes, schema, createdBy: 'Tidemark' },
    // The library's own compression is JavaScript, and takes longer than everything else.
    ...{ codec: 'ZSTD', compressors: { ZSTD: (input) => zstdCompressSync(input) } },
  });
  let group: unknown[][] = stored.map(() => []);
  let rows = 0;
  let characters = 0;
  const takeBytes = () => {
    const taken = new Uint8Array(bytes.getBytes());
    // The offset goes on: places in the file are counted from its beginning.
    bytes.index = 0;
    return taken;
  };
  const writeGroup = () => {
    if (rows === 0) return;
    const columnData = stored.map(({ element }, at) => columnOf(element, group[at] ?? []));
    void writer.write({ columnData, rowGroupSize: rows });
    group = stored.map(() => []);
    rows = 0;
    characters = 0;
  };
  return {
    add(column, cell) {
      if (typeof cell === 'string') characters += cell.length;
      group[column]?.push(cell === null ? null : stored[column]?.toStored(cell));
    },
    endRow() {
      rows++;
      if (rows < ROWS_OF_GROUP && characters < CHARACTERS_OF_GROUP) return undefined;
      writeGroup();
      return takeBytes();
    },
    end() {
      writeGroup();
      void writer.finish();
      return takeBytes();
    },
  };
}

/**
 * A column of a group. Bounds serve to skip groups, and those of texts would seldom do. Dictionaries pay for texts:
 * building one takes longer than compressing numbers.
 */
function columnOf({ name, converted_type: converted }: SchemaElement, data: unknown[]): ColumnSource {
  return converted === 'UTF8' ? { name, data, statistics: false } : { name, data, encoding: 'PLAIN' };
}

const storedAmount = { type: 'INT64', precision: PRECISION } as const;
const storedSum = {
  type: 'FIXED_LEN_BYTE_ARRAY',
  type_length: BYTES_OF_SUMS,
  precision: PRECISION_OF_SUMS,
} as const;

function parquetColumn({ name, type, scale, isSum }: ExportColumn): ParquetColumn {
  const base = { name, repetition_type: 'OPTIONAL' } as const;
  switch (type) {
    case 'text':
    case 'json':
      return { element: { ...base, type: 'BYTE_ARRAY', converted_type: 'UTF8' }, toStored: String };
    case 'integer':
      return { element: { ...base, type: 'INT64' }, toStored: (cell) => BigInt(cell as bigint) };
    case 'boolean':
      return {
        element: { ...base, type: 'BOOLEAN' },
        toStored: (cell) => cell === true || cell === 't',
      };
    case 'time':
      return {
        element: { ...base, type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
        toStored: microsecondsReader(),
      };
    case 'decimal':
      return scale === undefined
        ? { element: { ...base, type: 'DOUBLE' }, toStored: Number }
        : {
            element: { ...base, ...(isSum ? storedSum : storedAmount), converted_type: 'DECIMAL', scale },
            toStored: (cell) => decimalUnits(numberText(cell), scale),
          };
  }
}

/** The length of `2026-11-03T14:00`. */
const TO_MINUTE = 16;

/** Gives microseconds since the epoch. Rows are in the order of time, so the minute is mostly that of the cell before. */
function microsecondsReader(): (cell: Exclude<Cell, null>) => bigint {
  let minute = '';
  let minuteMicros = 0;
  return (cell) => {
    if (cell instanceof Date) return BigInt(cell.getTime()) * 1_000n;
    const text = String(cell);
    if (!text.startsWith(minute) || minute === '') {
      minute = text.slice(0, TO_MINUTE);
      minuteMicros = Date.parse(`${minute}Z`) * 1_000;
    }
    return BigInt(minuteMicros + Math.round(Number(text.slice(TO_MINUTE + 1, -1)) * 1e6));
  };
}
