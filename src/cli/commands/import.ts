import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CodedError } from '../../errors.ts';
import { publicTypes } from '../../events/catalogue.ts';
import { parseTimestamp } from '../../events/timestamp.ts';
import { DryRun } from '../../ingestion/files/dry-run.ts';
import { importFile } from '../../ingestion/files/import-file.ts';
import { type RowIdentity, rowIdentities } from '../../ingestion/files/row-ids.ts';
import { type ImportFormat, importFormats } from '../../ingestion/files/rows.ts';
import { ImportTally } from '../../ingestion/files/tally.ts';
import { startIngestion } from '../../ingestion/start-ingestion.ts';
import { createCurrentPrices } from '../../prices/current-prices.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { SECOND, systemClock } from '../../time.ts';
import { dryRunSummaryOf, summaryOf } from '../import-summary.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { ProgressBar } from '../progress-bar.ts';
import { RejectedRows } from '../rejected-rows.ts';

interface Flags {
  format?: ImportFormat;
  delimiter?: string;
  type?: string;
  map: ReadonlyMap<string, string>;
  set: ReadonlyMap<string, string>;
  /** Microseconds since the epoch. */
  shiftTo?: number;
  rowIdentity: RowIdentity;
  anyTime: boolean;
  dryRun: boolean;
  rejected?: string;
}

/** Exit code if some rows were rejected. */
const SOME_REJECTED = 2;
/** The most refused rows that a dry run shows. */
const REFUSALS_SHOWN = 20;

/** Reads `a=x,b=y`. A comma that no `name=` follows belongs to the value. */
function readPairs(text: string, before: ReadonlyMap<string, string>): Map<string, string> {
  const pairs = new Map(before);
  for (const pair of text.split(/,(?=[\w.-]+=)/)) {
    const at = pair.indexOf('=');
    if (at < 1) throw new InvalidArgumentError(`"${pair}" has no name; give name=value.`);
    pairs.set(pair.slice(0, at).trim(), pair.slice(at + 1));
  }
  return pairs;
}

function readDelimiter(text: string): string {
  if (text === 'tab' || text === '\\t') return '\t';
  if (text.length === 1 && !'"\r\n'.includes(text)) return text;
  throw new InvalidArgumentError('Give one character, or tab.');
}

function readTime(text: string): number {
  const micros = parseTimestamp(text);
  if (micros === undefined) throw new InvalidArgumentError('Give a time such as 2026-01-31T12:00:00Z.');
  return micros;
}

/** `tidemark import FILE`: stores the events of a file, or the calls of another tool's log. */
export function importCommand(): Command {
  return new Command('import')
    .description(
      'import the events of a CSV or NDJSON file, or the calls of the log of another tool; importing a file again counts nothing twice',
    )
    .argument(
      '<file>',
      'file with one event a row, plain or gzip; the first row of a CSV file has the column names',
    )
    .addOption(
      new Option(
        '--format <format>',
        'csv, ndjson, or the tool whose log it is (by default csv or ndjson, from the file name)',
      ).choices(importFormats),
    )
    .option(
      '--delimiter <character>',
      'column separator of a CSV file, or "tab" (default: ",")',
      readDelimiter,
    )
    .addOption(
      new Option('--map <field=column,…>', 'read a field of the event from this column')
        .argParser(readPairs)
        .default(new Map(), 'none'),
    )
    .addOption(
      new Option('--set <field=value,…>', 'set a field of every event to this value')
        .argParser(readPairs)
        .default(new Map(), 'none'),
    )
    .addOption(
      new Option('--type <type>', 'type of events without a type (default: "usage")').choices(
        publicTypes.map(({ type }) => type),
      ),
    )
    .option('--shift-to <time>', 'shift all times, so that the latest row is at this time', readTime)
    .addOption(
      new Option(
        '--row-identity <by>',
        'what identifies a row without an id; position is that of version 0.1.0',
      )
        .choices(rowIdentities)
        .default('content'),
    )
    .option('--any-time', 'accept events older than 400 days', false)
    .option('--dry-run', 'say what the file would count, and store nothing', false)
    .option('--rejected <path>', 'file for rejected rows (default: "FILE.rejected.ndjson")')
    .addHelpText(
      'after',
      '\nExit codes: 0 if every row counts, 2 if some were rejected, 1 if the import failed.',
    )
    .action((file: string, flags: Flags) =>
      onDatabase('import', (context) => runImport(file, flags, context), { onStop: 'finish' }),
    );
}

async function runImport(file: string, flags: Flags, context: CommandContext): Promise<void> {
  const { config, pool, log, stopRequested } = context;
  const format = flags.format ?? formatOf(file);
  if (flags.delimiter !== undefined && format !== 'csv') {
    throw new CodedError(
      'invalid_request',
      '--delimiter is allowed only for CSV files; remove it or give --format csv',
    );
  }
  const bytes = await sizeOf(file);
  const rejectedPath = flags.rejected ?? `${file}.rejected.ndjson`;
  if (resolve(rejectedPath) === resolve(file)) {
    throw new CodedError('invalid_request', '--rejected must not be the imported file; give another path');
  }
  if (flags.dryRun) return runDryImport(file, format, flags, context);
  const ingestion = startIngestion({ config, pool, clock: systemClock, log, metrics: createMetrics() });
  const rejected = new RejectedRows(rejectedPath);
  const progress = new ProgressBar('reading', bytes);
  const began = performance.now();
  const tally = new ImportTally();
  let isDone = false;
  try {
    await importFile({
      ...importOptions(file, format, flags),
      ingest: ingestion.ingest,
      tally,
      signal: stopRequested,
      onProgress: (pass, read) =>
        progress.show(read, pass === 'times' ? 'looking for the latest row' : 'importing'),
      onUnused: (columns) => {
        for (const { column, reason } of columns)
          process.stderr.write(`warning: ${column} is not used: ${reason}\n`);
      },
      onRefused: (row) => rejected.add(row),
    });
    isDone = true;
  } finally {
    progress.end();
    await rejected.close();
    await ingestion.stop();
    // Events stored before a failure stay, so the summary is shown then too.
    if (isDone || tally.counts.received > 0) {
      process.stdout.write(summaryOf(tally, (performance.now() - began) / SECOND));
    }
    if (rejected.count > 0) {
      process.stdout.write(`  Rejected rows and their reasons: ${rejectedPath}\n\n`);
      process.exitCode ||= SOME_REJECTED;
    }
  }
  if (stopRequested.aborted) {
    process.stdout.write(
      '  Stopped before the end. Import the file again to continue; stored rows count once.\n\n',
    );
  }
}

function importOptions(file: string, format: ImportFormat, flags: Flags) {
  const { delimiter, shiftTo, rowIdentity, anyTime } = flags;
  return {
    ...{ path: file, format, mapping: flags, rowIdentity, anyTime },
    ...(delimiter !== undefined && { delimiter }),
    ...(shiftTo !== undefined && { shiftTo }),
  };
}

/** Says what an import would count. It writes no file of rejected rows, and shows the first of them. */
async function runDryImport(file: string, format: ImportFormat, flags: Flags, context: CommandContext) {
  const { pool, stopRequested } = context;
  const dryRun = new DryRun({ pool, clock: systemClock, currentPrices: createCurrentPrices(pool) });
  const tally = new ImportTally();
  const first: string[] = [];
  await importFile({
    ...importOptions(file, format, flags),
    ingest: dryRun,
    tally,
    signal: stopRequested,
    onRefused: ({ line, reason }) => {
      if (first.length < REFUSALS_SHOWN) first.push(`line ${line}: ${reason}`);
    },
  });
  process.stdout.write(dryRunSummaryOf(tally, dryRun.totals, first));
  if (tally.counts.rejected + tally.counts.conflicts > 0) process.exitCode ||= SOME_REJECTED;
}

function formatOf(file: string): ImportFormat {
  const ending = extname(file.replace(/\.gz$/i, '')).toLowerCase();
  if (ending === '.csv') return 'csv';
  if (ending === '.ndjson' || ending === '.jsonl') return 'ndjson';
  throw new CodedError(
    'invalid_request',
    `the format of ${file} is unknown; give --format ${importFormats.join(', ')}`,
  );
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new CodedError('invalid_request', `${file} is a directory; give a file`);
    return found.size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CodedError('not_found', `the file ${file} does not exist`);
  }
}
