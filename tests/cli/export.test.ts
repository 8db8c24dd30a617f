import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, expect, test } from 'vitest';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { DAY, floorTo } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { useFolder } from '../support/exports/exports.ts';
import { runCommand } from '../support/service/run-command.ts';

const database = useDatabase();
// Before ingestion starts, which reads them.
beforeAll(async () => {
  await database.pool.query(
    `insert into analytics.label_dimensions (org_id, key, declared_at) values ('labelled', 'team', now() - interval '1 day')`,
  );
});
const ingestion = useIngestion(database);
const folder = await useFolder();
const today = floorTo(DAY, Date.now());
const range = ['--from', new Date(today - DAY).toISOString(), '--to', new Date(today + DAY).toISOString()];
const EVENTS = 20;

function tidemark(...args: string[]) {
  return runCommand(args, { DATABASE_URL: database.url });
}

beforeAll(async () => {
  await ingestion.store(...Array.from({ length: EVENTS }, () => makeUsage()));
});

test('export writes a file or standard output, and says what it wrote', async () => {
  const path = join(folder, 'events.csv');
  const toFile = await tidemark('export', 'events', '--org', 'acme', ...range, '--limit', '5', '-o', path);
  const file = await readFile(path);
  const sha256 = createHash('sha256').update(file).digest('hex');
  expect(toFile).toMatchObject({ code: 0, output: `${path}\n` });
  expect(toFile.complaint).toContain(`5 rows of ${EVENTS} that match; raise --limit for more`);
  expect(toFile.complaint).toContain(`${file.length} bytes, SHA-256 ${sha256}`);
  expect(await readdir(folder)).toEqual(['events.csv']);
  const toOutput = await tidemark('export', 'events', '--org', 'acme', ...range, '--limit', '5', '-o', '-');
  expect(toOutput).toMatchObject({ code: 0, output: file.toString() });
});

test('export tells rows apart by labels, and takes only some of their values', async () => {
  const teams = ['search', 'search', 'shop', 'ads'];
  const labelled = teams.map((team) => makeUsage({ orgId: 'labelled', modelId: 'm', labels: { team } }));
  await ingestion.store(...labelled);
  while ((await rollUp(database.pool)) > 0);
  const events = await tidemark(
    ...['export', 'events', '--org', 'labelled', ...range, '-o', '-', '--label', 'team=search,shop'],
  );
  const narrowed = parse(events.output, { columns: true }) as Record<string, string>[];
  expect(narrowed.map(({ labels = '' }) => JSON.parse(labels).team).sort()).toEqual([
    'search',
    'search',
    'shop',
  ]);
  const { output, code } = await tidemark(
    ...['export', 'usage', '--org', 'labelled', ...range, '-o', '-'],
    ...['--group-by', 'model', 'label.team', '--label', 'team=search,shop'],
  );
  expect(code).toBe(0);
  const rows = parse(output, { columns: true }) as Record<string, string>[];
  const calls = rows.map(({ label_team, request_count }) => [label_team, request_count]);
  expect(calls).toEqual([
    ['search', '2'],
    ['shop', '1'],
  ]);
});

test.for([
  [['events', '--org', 'acme', '--from', '2026-01-02', '--to', '2026-01-01'], '--from must be before --to'],
  [['nothing', '--org', 'acme', ...range], 'usage, focus, events'],
  [['usage', ...range], '--org'],
  [
    ['usage', '--org', 'acme', ...range, '--group-by', 'team'],
    '--group-by must be of model, client or label.KEY',
  ],
  [['usage', '--org', 'acme', ...range, '--label', 'team'], '--label must be KEY=VALUE'],
  [['usage', '--org', 'acme', ...range, '--label', 'nothing=1'], '--label'],
  [
    ['audit', '--org', 'acme', ...range, '--label', 'team=a'],
    '--label is for usage, focus, events, ml and sales',
  ],
  [['usage', '--org', 'acme', ...range, '--timezone', 'Mars'], 'IANA time zone'],
] as const)('export %j fails with 1 and says why', async ([args, why]) => {
  const { code, complaint } = await tidemark('export', ...args);
  expect(complaint).toContain(why);
  expect(code).toBe(1);
});
