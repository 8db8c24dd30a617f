import type { RowEncoder } from './file-writer.ts';
import { parquetGroups } from './parquet-groups.ts';
import type { ExportColumn } from './totals.ts';

/**
 * Rows of a row group. They are in memory until the group is full, and nothing else runs while it is written: 20,000
 * events held the event loop for a third of a second.
 */
const ROWS_OF_GROUP = 5_000;

/** Writes Parquet from rows. */
export async function parquetEncoder(columns: readonly ExportColumn[]): Promise<RowEncoder> {
  const groups = await parquetGroups(columns);
  let waiting = 0;
  return {
    header: '',
    encode(rows) {
      for (const row of rows) {
        for (let column = 0; column < columns.length; column++) groups.add(column, row[column] ?? null);
      }
      waiting += rows.length;
      if (waiting < ROWS_OF_GROUP) return '';
      waiting = 0;
      return groups.writeGroup();
    },
    end: () => Buffer.concat([groups.writeGroup(), groups.end()]),
  };
}
