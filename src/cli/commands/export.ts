import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Argument, Command, Option } from 'commander';
import { CodedError } from '../../errors.ts';
import { isLabelKey, isLabelName } from '../../events/labels.ts';
import { datasets } from '../../exports/datasets/catalogue.ts';
import type { Destination } from '../../exports/delivery/destination.ts';
import { type LabelWords, labelMisuse, labelsOfRequest } from '../../exports/label-use.ts';
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
import type { LabelFilters } from '../../queries/reading/alternatives.ts';
import { EXPECTED_ZONE, isTimeZone } from '../../queries/reading/time-buckets.ts';
import { refuseUnknownLabels } from '../../series/label-dimensions.ts';
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
  label: string[];
  columns: ExportRequest['columns'];
  limit: number;
  raw: boolean;
  bom: boolean;
  output?: string;
}

const STDOUT = '-';
const GROUPINGS = `${exportGroupings.join(', ')} or label.KEY`;
const DEFAULT_GROUPING: ExportRequest['groupBy'] = ['model'];

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
    .option(
      '--group-by <dimension...>',
      `what rows of usage are told apart by: ${GROUPINGS}; of sales, a label`,
      readGrouping,
      DEFAULT_GROUPING,
    )
    .option('--label <key=value...>', 'only these values of a label, such as team=search,shop', [])
    .addOption(new Option('--columns <set>', 'the columns').choices(columnSets).default('default'))
    .option('--limit <rows>', 'the most raw events', readLimit, USUAL_EVENTS)
    .option('--raw', 'leave texts that look like formulas as they are', false)
    .option('--bom', 'begin CSV with a byte order mark, for Excel', false)
    .option('-o, --output <file>', `the file; ${STDOUT} is standard output (default: a name of its own)`)
    .action((dataset: DatasetName, flags: Flags) =>
      onDatabase('export', (context) => runExport(requestOf(dataset, flags), flags.output, context)),
    );
}

/** Commander gives the values of a flag one by one. Those of the default are replaced. */
function readGrouping(text: string, before: ExportRequest['groupBy']): ExportRequest['groupBy'] {
  const grouping = exportGroupings.find((name) => name === text) ?? (isLabelName(text) ? text : undefined);
  if (grouping === undefined)
    throw new CodedError('invalid_request', `--group-by must be of ${GROUPINGS}, not ${text}`);
  return before === DEFAULT_GROUPING ? [grouping] : [...before, grouping];
}

function readLabels(given: readonly string[]): LabelFilters | undefined {
  if (given.length === 0) return undefined;
  return Object.fromEntries(
    given.map((text) => {
      const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
      if (!isLabelKey(key) || value === '')
        throw new CodedError(
          'invalid_request',
          `--label must be KEY=VALUE, such as team=search, not ${text}`,
        );
      return [`label.${key}`, value];
    }),
  );
}

/** How the command names labels. */
const words: LabelWords = {
  ...{ groupBy: '--group-by', grouping: () => '--group-by' },
  ...{ labels: '--label', filter: () => '--label' },
};

function readLimit(text: string): number {
  const rows = Number(text);
  if (Number.isSafeInteger(rows) && rows > 0) return rows;
  throw new CodedError('invalid_request', `--limit must be a whole number above 0, not ${text}`);
}

function requestOf(dataset: DatasetName, flags: Flags): ExportRequest {
  const { org: orgId, from, to, timezone } = flags;
  if (from >= to) throw new CodedError('invalid_request', 'the range is empty: --from must be before --to');
  if (!isTimeZone(timezone)) throw new CodedError('invalid_request', `--timezone ${EXPECTED_ZONE}`);
  const labels = readLabels(flags.label);
  const request: ExportRequest = {
    ...{ orgId, dataset, timezone, range: { start: from.getTime(), end: to.getTime() } },
    ...{ granularity: flags.granularity, groupBy: flags.groupBy, columns: flags.columns },
    ...{ models: flags.model, formats: [flags.format], bom: flags.bom, raw: flags.raw },
    events: dataset === 'events' ? { limit: flags.limit } : null,
    ...(labels && { labels }),
    delivery: { type: 'local' },
  };
  const misuse = labelMisuse(request, words);
  if (misuse) throw new CodedError('invalid_request', `${misuse.path} ${misuse.message}`);
  return request;
}

async function runExport(
  request: ExportRequest,
  output: string | undefined,
  { config, pool, stopRequested: signal }: CommandContext,
): Promise<void> {
  const now = Date.now();
  datasets[request.dataset].check(request, now, config);
  await refuseUnknownLabels(pool, request.orgId, labelsOfRequest(request, words), 'In the flags');
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
