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

/** A Parquet file that is written in groups of rows. */
export interface ParquetGroups {
  /** Adds a cell to the group. */
  add(column: number, cell: Cell): void;
  /** Writes the rows of the group. @returns the bytes that are ready */
  writeGroup(): Uint8Array;
  /** Writes what comes after the last group. */
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
  const takeBytes = () => {
    const taken = new Uint8Array(bytes.getBytes());
    // The offset goes on: places in the file are counted from its beginning.
    bytes.index = 0;
    return taken;
  };
  return {
    add(column, cell) {
      group[column]?.push(cell === null ? null : stored[column]?.toStored(cell));
    },
    writeGroup() {
      const rowGroupSize = group[0]?.length ?? 0;
      if (rowGroupSize === 0) return new Uint8Array();
      const columnData = stored.map(({ element }, at) => columnOf(element, group[at] ?? []));
      void writer.write({ columnData, rowGroupSize });
      group = stored.map(() => []);
      return takeBytes();
    },
    end() {
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
