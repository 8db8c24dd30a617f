import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type ImportOptions, importFile } from '../../../src/ingestion/files/import-file.ts';
import type { RefusedRow } from '../../../src/ingestion/files/tally.ts';
import { useDatabase } from '../database/database.ts';
import { useIngestion } from './ingestion.ts';

/** The common columns of usage rows, for tests about something else. */
export const usage = new Map(
  Object.entries({
    orgId: 'acme',
    modelId: 'm',
    latencyMs: '5',
    status: 'success',
    outputTokens: '1',
    costEstimateCents: '0',
  }),
);

/** A CSV file of times and tokens. */
export function rows(...lines: string[]) {
  return ['occurredAt,inputTokens', ...lines].join('\n');
}

/** Imports files of a test into a database that each test finds empty, on 2026-11-20 at noon. */
export function useImports() {
  const database = useDatabase();
  const ingestion = useIngestion(database, { now: () => Date.UTC(2026, 10, 20, 12) });
  const refused: RefusedRow[] = [];
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-import-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    refused.length = 0;
    await database.pool.query('truncate analytics.events, analytics.event_keys, analytics.event_conflicts');
  });

  return {
    ingestion,
    pool: () => database.pool,
    /** The refused rows of this test, in their order. */
    refused,
    /** Imports `content` as a usage file, in the format of the file name. */
    importText: async (name: string, content: string | Buffer, options: Partial<ImportOptions> = {}) => {
      const path = join(folder, name);
      await writeFile(path, content);
      return importFile({
        path,
        format: name.endsWith('.csv') ? 'csv' : 'ndjson',
        mapping: { map: new Map(), set: usage },
        ingest: ingestion.ingest,
        onRefused: (row) => void refused.push(row),
        ...options,
      });
    },
    /** These columns of the stored events, ordered by time and tokens. */
    stored: async (columns: string): Promise<unknown[]> => {
      const { rows: found } = await database.pool.query({
        text: `select ${columns} from analytics.events order by occurred_at, input_tokens`,
        rowMode: 'array',
      });
      return found.map((row: unknown[]) => (row.length === 1 ? row[0] : row));
    },
  };
}
