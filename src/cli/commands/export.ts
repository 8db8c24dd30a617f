import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Argument, Command, Option } from 'commander';
import { CodedError } from '../../errors.ts';
import { datasets } from '../../exports/datasets/catalogue.ts';
import type { Destination } from '../../exports/delivery/destination.ts';
import {
  columnSets,
  type DatasetName,
  datasetNames,
  type ExportFormat,
  type ExportRequest,
  exportFormats,
  exportGranularities,
  exportGroupings,
  USUAL_EVENTS,
} from '../../exports/request.ts';
import { writeFiles } from '../../exports/running/write-export.ts';
import { EXPECTED_ZONE, isTimeZone } from '../../queries/reading/time-buckets.ts';
import { version } from '../../version.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { ProgressBar } from '../progress-bar.ts';
import { readMoment } from '../read-moment.ts';

interface Flags {
  org: string;
  from: Date;
  to: Date;
  format: ExportFormat;
  granularity: ExportRequest['granularity'];
  timezone: string;
  model: string[];
  groupBy: ExportRequest['groupBy'];
  columns: ExportRequest['columns'];
  limit: number;
  raw: boolean;
  bom: boolean;
  output?: string;
}

const STDOUT = '-';

/** `tidemark export`: writes the rows of a dataset to a file or to standard output, without a job. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write usage, events or another dataset of an org to a file or to standard output')
    .addArgument(new Argument('<dataset>', 'what the rows are').choices(datasetNames))
    .requiredOption('--org <id>', 'the org')
    .requiredOption('--from <time>', 'start of the range', readMoment)
    .requiredOption('--to <time>', 'end of the range, exclusive', readMoment)
    .addOption(new Option('--format <format>', 'format of the file').choices(exportFormats).default('csv'))
    .addOption(
      new Option('--granularity <width>', 'width of buckets').choices(exportGranularities).default('daily'),
    )
    .option('--timezone <zone>', 'IANA time zone of days and months', 'UTC')
    .option('--model <id...>', 'only these models', [])
    .addOption(
      new Option('--group-by <dimension...>', 'what rows of usage are told apart by')
        .choices(exportGroupings)
        .default(['model']),
    )
    .addOption(new Option('--columns <set>', 'the columns').choices(columnSets).default('default'))
    .option('--limit <rows>', 'the most raw events', readLimit, USUAL_EVENTS)
    .option('--raw', 'leave texts that look like formulas as they are', false)
    .option('--bom', 'begin CSV with a byte order mark, for Excel', false)
    .option('-o, --output <file>', `the file; ${STDOUT} is standard output (default: a name of its own)`)
    .action((dataset: DatasetName, flags: Flags) =>
      onDatabase('export', (context) => runExport(requestOf(dataset, flags), flags.output, context)),
    );
}

function readLimit(text: string): number {
  const rows = Number(text);
  if (Number.isSafeInteger(rows) && rows > 0) return rows;
  throw new CodedError('invalid_request', `--limit must be a whole number above 0, not ${text}`);
}

function requestOf(dataset: DatasetName, flags: Flags): ExportRequest {
  const { org: orgId, from, to, timezone } = flags;
  if (from >= to) throw new CodedError('invalid_request', 'the range is empty: --from must be before --to');
  if (!isTimeZone(timezone)) throw new CodedError('invalid_request', `--timezone ${EXPECTED_ZONE}`);
  return {
    ...{ orgId, dataset, timezone, range: { start: from.getTime(), end: to.getTime() } },
    ...{ granularity: flags.granularity, groupBy: flags.groupBy, columns: flags.columns },
    ...{ models: flags.model, formats: [flags.format], bom: flags.bom, raw: flags.raw },
    events: dataset === 'events' ? { limit: flags.limit } : null,
    delivery: { type: 'local' },
  };
}

async function runExport(
  request: ExportRequest,
  output: string | undefined,
  { config, pool, stopRequested: signal }: CommandContext,
): Promise<void> {
  const now = Date.now();
  datasets[request.dataset].check(request, now, config);
  const bar = new RowsBar();
  const { files, outcome } = await writeFiles(
    {
      ...{ pool, now, signal, version, issuer: config.exportIssuerName },
      ...{ destination: output === STDOUT ? standardOutput() : namedFile(output), folder: '' },
      onProgress: ({ rows, of }) => bar.show(rows, of),
    },
    request,
  ).finally(() => bar.end());
  const [file] = files;
  const rest = outcome.truncated ? ` of ${outcome.rowsMatched} that match; raise --limit for more` : '';
  process.stderr.write(`${outcome.rowCount} rows${rest}, ${file?.bytes} bytes, SHA-256 ${file?.sha256}\n`);
  if (output !== STDOUT) process.stdout.write(`${output ?? file?.name}\n`);
  for (const warning of outcome.warnings) process.stderr.write(`warning: ${warning}\n`);
}

/** Progress in rows, once it is known how many there are. */
class RowsBar {
  #bar: ProgressBar | undefined;

  show(rows: number, of: number | undefined): void {
    if (of === undefined || of === 0) return;
    this.#bar ??= new ProgressBar('rows', of);
    this.#bar.show(rows, 'rows');
  }

  end(): void {
    this.#bar?.end();
  }
}

/** A file beside the place where the command runs. It has its name once it is complete. */
function namedFile(output: string | undefined): Destination {
  return {
    ...nowhere,
    create: async (path) => {
      const name = output ?? path.slice(1);
      const part = `${name}.part`;
      const stream = createWriteStream(part, { flush: true });
      return {
        stream,
        finish: async () => {
          await finished(stream);
          await rename(part, name);
        },
        discard: async () => {
          stream.destroy();
          await rm(part, { force: true });
        },
      };
    },
  };
}

function standardOutput(): Destination {
  return {
    ...nowhere,
    create: async () => ({
      // Standard output stays open: it is not ours to end.
      stream: new Writable({
        write: (chunk, _encoding, done) => void process.stdout.write(chunk, (error) => done(error ?? null)),
      }),
      finish: async () => {},
      discard: async () => {},
    }),
  };
}

const nowhere = {
  folderOfJob: () => '',
  removeFolder: async () => {},
  uriOf: () => '',
};
