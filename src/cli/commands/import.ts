import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CodedError } from '../../errors.ts';
import { publicTypes } from '../../events/catalogue.ts';
import { parseTimestamp } from '../../events/timestamp.ts';
import { importFile } from '../../ingestion/files/import-file.ts';
import { type ImportFormat, importFormats } from '../../ingestion/files/rows.ts';
import { ImportTally } from '../../ingestion/files/tally.ts';
import { startIngestion } from '../../ingestion/start-ingestion.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { SECOND, systemClock } from '../../time.ts';
import { summaryOf } from '../import-summary.ts';
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
  anyTime: boolean;
  rejected?: string;
}

/** The exit code when some rows were not stored. */
const SOME_REFUSED = 2;

/** `a=x,b=y`; a comma that no `name=` follows belongs to the value. */
function readPairs(text: string, before: ReadonlyMap<string, string>): Map<string, string> {
  const pairs = new Map(before);
  for (const pair of text.split(/,(?=[\w.-]+=)/)) {
    const at = pair.indexOf('=');
    if (at < 1) throw new InvalidArgumentError(`"${pair}" is not name=value.`);
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

/** `tidemark import FILE`: stores the events of a CSV or NDJSON file. */
export function importCommand(): Command {
  return new Command('import')
    .description('store the events of a CSV or NDJSON file; a file imported twice counts once')
    .argument('<file>', 'one event a row; the first row of a CSV file names the columns')
    .addOption(
      new Option('--format <format>', 'by default told by the ending of the file').choices(importFormats),
    )
    .option(
      '--delimiter <character>',
      'what separates the columns of a CSV file (,); tab for a tab',
      readDelimiter,
    )
    .option('--map <field=column,…>', 'take the field of the event from that column', readPairs, new Map())
    .option('--set <field=value,…>', 'give the field of every event this value', readPairs, new Map())
    .addOption(
      new Option('--type <type>', 'type of the events that name none (usage)').choices(
        publicTypes.map(({ type }) => type),
      ),
    )
    .option('--shift-to <time>', 'shift all times so that the latest row happened then', readTime)
    .option('--any-time', 'take events of any age; more than 400 days ago is refused otherwise', false)
    .option('--rejected <path>', 'where to put the rows that are refused (FILE.rejected.ndjson)')
    .addHelpText(
      'after',
      '\nExit code: 0 when every row counts, 2 when some were refused, 1 when the import failed.',
    )
    .action((file: string, flags: Flags) =>
      onDatabase('import', (context) => runImport(file, flags, context), { onStop: 'finish' }),
    );
}

async function runImport(file: string, flags: Flags, context: CommandContext): Promise<void> {
  const { config, pool, log, stopRequested } = context;
  const format = flags.format ?? formatOf(file);
  if (flags.delimiter !== undefined && format !== 'csv') {
    throw new CodedError('invalid_request', '--delimiter is for CSV files only');
  }
  const bytes = await sizeOf(file);
  const rejectedPath = flags.rejected ?? `${file}.rejected.ndjson`;
  if (resolve(rejectedPath) === resolve(file)) {
    throw new CodedError('invalid_request', '--rejected must not be the file that is imported');
  }
  const ingestion = startIngestion({ config, pool, clock: systemClock, log, metrics: createMetrics() });
  const rejected = new RejectedRows(rejectedPath);
  const progress = new ProgressBar('reading', bytes);
  const began = performance.now();
  const tally = new ImportTally();
  let isDone = false;
  try {
    await importFile({
      path: file,
      format,
      mapping: flags,
      ...(flags.delimiter !== undefined && { delimiter: flags.delimiter }),
      ingest: ingestion.ingest,
      ...(flags.shiftTo !== undefined && { shiftTo: flags.shiftTo }),
      anyTime: flags.anyTime,
      tally,
      signal: stopRequested,
      onProgress: (pass, read) =>
        progress.show(read, pass === 'times' ? 'looking for the latest row' : 'importing'),
      onRefused: (row) => rejected.add(row),
    });
    isDone = true;
  } finally {
    progress.end();
    await rejected.close();
    await ingestion.stop();
    // What was stored before a failure stays, so it is told.
    if (isDone || tally.counts.received > 0) {
      process.stdout.write(summaryOf(tally, (performance.now() - began) / SECOND));
    }
    if (rejected.count > 0) {
      process.stdout.write(`  The rows that were refused, and why: ${rejectedPath}\n\n`);
      process.exitCode ||= SOME_REFUSED;
    }
  }
  if (stopRequested.aborted) {
    process.stdout.write(
      '  Stopped before the end. Import the file again to go on; what is stored counts once.\n\n',
    );
  }
}

function formatOf(file: string): ImportFormat {
  const ending = extname(file).toLowerCase();
  if (ending === '.csv') return 'csv';
  if (ending === '.ndjson' || ending === '.jsonl') return 'ndjson';
  throw new CodedError('invalid_request', `give --format: the ending of ${file} does not tell it`);
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new CodedError('invalid_request', `${file} is a directory`);
    return found.size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CodedError('not_found', `there is no file ${file}`);
  }
}
