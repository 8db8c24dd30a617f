import type { SchemaElement } from 'hyparquet-writer';
import { decimalUnits } from '../../decimal.ts';
import { type Cell, type Cells, numberText } from './columns.ts';
import type { RowEncoder } from './file-writer.ts';
import type { ExportColumn } from './totals.ts';

/**
 * Rows of a row group. They are in memory until the group is full, and nothing else runs while it is written: 20,000
 * events held the event loop for a third of a second.
 */
const ROWS_OF_GROUP = 5_000;
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
 * Writes Parquet: decimals as DECIMAL(18, scale), sums as DECIMAL(38, scale), times as microseconds in UTC, everything else as the type nearest to it.
 * The library is loaded at the first use.
 */
export async function parquetEncoder(columns: readonly ExportColumn[]): Promise<RowEncoder> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const stored = columns.map(parquetColumn);
  const bytes = new ByteWriter();
  const schema = [{ name: 'root', num_children: columns.length }, ...stored.map(({ element }) => element)];
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'Tidemark' });
  let waiting: Cells[] = [];

  const takeBytes = () => {
    const taken = Buffer.from(bytes.getBytes());
    // The offset goes on: places in the file are counted from its beginning.
    bytes.index = 0;
    return taken;
  };
  const writeGroup = () => {
    const columnData = stored.map(({ element: { name }, toStored }, at) => ({
      name,
      data: waiting.map((row) => {
        const cell = row[at] ?? null;
        return cell === null ? null : toStored(cell);
      }),
    }));
    writer.write({ columnData, rowGroupSize: ROWS_OF_GROUP });
    waiting = [];
  };
  return {
    header: '',
    encode(rows) {
      waiting = waiting.concat(rows);
      if (waiting.length < ROWS_OF_GROUP) return '';
      writeGroup();
      return takeBytes();
    },
    end() {
      if (waiting.length > 0) writeGroup();
      writer.finish();
      return takeBytes();
    },
  };
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
      return { element: { ...base, type: 'BOOLEAN' }, toStored: Boolean };
    case 'time':
      return { element: { ...base, type: 'INT64', converted_type: 'TIMESTAMP_MICROS' }, toStored: microsOf };
    case 'decimal':
      return scale === undefined
        ? { element: { ...base, type: 'DOUBLE' }, toStored: Number }
        : {
            element: {
              ...base,
              ...(isSum ? storedSum : storedAmount),
              converted_type: 'DECIMAL',
              scale,
            },
            toStored: (cell) => decimalUnits(numberText(cell), scale),
          };
  }
}

const MICROSECONDS = /\.\d{3}(\d{1,3})Z$/;

/** Microseconds since the epoch. */
function microsOf(cell: Exclude<Cell, null>): bigint {
  if (cell instanceof Date) return BigInt(cell.getTime()) * 1_000n;
  const text = String(cell);
  const rest = MICROSECONDS.exec(text)?.[1] ?? '';
  return BigInt(Date.parse(text)) * 1_000n + BigInt(rest.padEnd(3, '0'));
}
