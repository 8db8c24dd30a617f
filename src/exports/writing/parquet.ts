import type { RowEncoder } from './file-writer.ts';
import { parquetGroups } from './parquet-groups.ts';
import type { ExportColumn } from './totals.ts';

/** Writes Parquet from rows. */
export async function parquetEncoder(columns: readonly ExportColumn[]): Promise<RowEncoder> {
  const groups = await parquetGroups(columns);
  return {
    header: '',
    encode(rows) {
      const ready: Uint8Array[] = [];
      for (const row of rows) {
        for (let column = 0; column < columns.length; column++) groups.add(column, row[column] ?? null);
        const group = groups.endRow();
        if (group) ready.push(group);
      }
      return Buffer.concat(ready);
    },
    end: () => groups.end(),
  };
}
