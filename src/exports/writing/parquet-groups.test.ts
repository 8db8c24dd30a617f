import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, onTestFinished, test } from 'vitest';
import { parquetGroups } from './parquet-groups.ts';

const MEBIBYTE = 1 << 20;

/** The rows of each group of a file with these texts, as DuckDB reads them. */
async function groupsOf(texts: Iterable<string>): Promise<number[]> {
  const groups = await parquetGroups([{ name: 'text', type: 'text' }]);
  const ready: Uint8Array[] = [];
  for (const text of texts) {
    groups.add(0, text);
    ready.push(groups.endRow() ?? new Uint8Array());
  }
  ready.push(groups.end());
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-parquet-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'texts.parquet');
  await writeFile(file, Buffer.concat(ready));
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  const read = await connection.runAndReadAll(
    `select row_group_num_rows as n from parquet_metadata('${file}') order by row_group_id`,
  );
  connection.closeSync();
  return read.getRowObjects().map(({ n }) => Number(n));
}

function* repeated(text: string, times: number): Generator<string> {
  for (let n = 0; n < times; n++) yield `${n} ${text}`;
}

test('a group ends after 5,000 rows', async () => {
  expect(await groupsOf(repeated('a', 12_000))).toEqual([5_000, 5_000, 2_000]);
});

test('a group of long texts ends earlier, so that memory has a bound', async () => {
  expect(await groupsOf(repeated('a'.repeat(3 * MEBIBYTE), 7))).toEqual([3, 3, 1]);
});

test('a file without rows has no group', async () => {
  expect(await groupsOf([])).toEqual([]);
});
