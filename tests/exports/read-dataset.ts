import type { Pool } from 'pg';
import { withTransaction } from '../../src/database/pool.ts';
import type { OpenDataset } from '../../src/exports/dataset.ts';
import { datasets } from '../../src/exports/datasets/catalogue.ts';
import type { ExportRequest } from '../../src/exports/request.ts';
import { csvLines } from '../../src/exports/writing/csv.ts';
import type { Reconciliation } from '../../src/exports/writing/manifest.ts';
import { TotalsOfRows } from '../../src/exports/writing/totals.ts';

/** A request of an org for some time, with the defaults of the API. */
export function exportRequest(
  wanted: Pick<ExportRequest, 'dataset' | 'range'> & Partial<ExportRequest>,
): ExportRequest {
  return {
    ...{ orgId: 'acme', granularity: 'daily', timezone: 'UTC', models: [], formats: ['csv'] },
    ...{
      columns: 'default',
      groupBy: ['model'],
      bom: false,
      raw: false,
      events: null,
      delivery: { type: 'local' },
    },
    ...wanted,
  };
}

export interface ReadDataset {
  open: OpenDataset;
  /** The text of a CSV file. */
  text: string;
  /** Its cells, by column, as they stand in the file; an empty cell is null. */
  rows: Record<string, string | null>[];
  reconciliation: Reconciliation | undefined;
}

/** Reads a dataset as an export job does, and the file that it would write. */
export function readDataset(pool: Pool, request: ExportRequest, now: number): Promise<ReadDataset> {
  return withTransaction(pool, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    const dataset = datasets[request.dataset];
    const open = await dataset.open({ client, pool, now, issuer: 'Example Ltd' }, request);
    const { header, line } = csvLines(open.columns, { protectFormulas: !request.raw });
    const totals = new TotalsOfRows(open.columns);
    const lines: string[] = [];
    for await (const rows of open.batches) {
      totals.add(rows);
      lines.push(...rows.map(line));
    }
    const names = header.trimEnd().split(',');
    const rows = lines.map((text) =>
      Object.fromEntries(cellsOf(text).map((cell, index) => [names[index] ?? '', cell])),
    );
    const reconciliation = await open.reconcile?.({ rows: totals.rows, totals: totals.totals() });
    return { open, text: header + lines.join(''), rows, reconciliation };
  });
}

function cellsOf(line: string): (string | null)[] {
  return [...line.trimEnd().matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain || null : quoted.replaceAll('""', '"'),
  );
}
