import { createHash } from 'node:crypto';
import { PRECISION_OF_SUMS } from '../writing/parquet-groups.ts';
import type { FocusColumn } from './focus-columns.ts';

/** When the list of columns last changed. */
const CREATED = '2026-11-30T00:00:00Z';
/** Counts are 64 bits. Costs are sums, which may need more. */
const DIGITS = { integer: 19, decimal: PRECISION_OF_SUMS };

const dataTypes = {
  text: 'STRING',
  time: 'DATETIME',
  integer: 'DECIMAL',
  decimal: 'DECIMAL',
  json: 'JSON',
} as const;

/** The metadata that FOCUS requires beside a file. The same columns always have the same id. */
export function focusSchema(columns: readonly FocusColumn[]) {
  const definitions = columns.map(({ name, type, scale = 0 }) => ({
    ColumnName: name,
    DataType: dataTypes[type as keyof typeof dataTypes],
    ...(type === 'text' && { StringEncoding: 'UTF-8', StringMaxLength: 1_000 }),
    ...((type === 'integer' || type === 'decimal') && { NumericPrecision: DIGITS[type], NumberScale: scale }),
  }));
  return {
    SchemaId: idOf(JSON.stringify(definitions)),
    FocusVersion: '1.2',
    CreationDate: CREATED,
    DataGenerator: 'Tidemark',
    ColumnDefinition: definitions,
  };
}

/** A UUID that depends on the text alone (RFC 9562, version 8). */
function idOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
