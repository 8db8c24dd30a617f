import { NANODOLLARS_PER_DOLLAR } from '../events/field.ts';
import { timeFaults } from '../events/read-envelope.ts';
import type { WouldCount } from '../ingestion/files/dry-run.ts';
import type { ImportTally } from '../ingestion/files/tally.ts';
import { formatNumber, formatPairs } from './table.ts';

/** Number of reasons to show; the file of rejected rows has all of them. */
const REASONS_SHOWN = 5;
const REASON_LENGTH = 200;

const OTHER_TIMES =
  '--any-time accepts events of any age. --shift-to TIME shifts all times, so that the latest row is at that time.';
const OTHER_CONTENT =
  'An id counts once: the first import of it. The rows above have an id that is stored with other content.\n' +
  '  A row without an id has one by its content before the shift of --shift-to. So with another --shift-to it is a conflict.';

/** The summary of an import: counts, the reasons of rejected rows, and hints. */
export function summaryOf(tally: ImportTally, seconds: number): string {
  const { received, stored, duplicates, conflicts, rejected } = tally.counts;
  const speed = `${formatNumber(seconds, 1)} s (${formatNumber(received / seconds)} events/s)`;
  const pairs = formatPairs([
    ['received', received],
    ['stored', stored],
    ['duplicates', duplicates],
    ['conflicts', conflicts],
    ['rejected', rejected],
    ...(tally.skipped > 0 ? [['skipped (no calls)', tally.skipped] as [string, number]] : []),
    ['time', speed],
  ]);
  const help = hintsFor(tally).map((hint) => `\n  ${hint}\n`);
  const shown = [
    ...reasonsOf('Rejected rows by reason', tally.reasons),
    ...reasonsOf('Skipped rows by reason', tally.skippedReasons),
  ];
  return ['\n', pairs, ...shown, ...ignoredBy(tally), ...help, '\n'].join('');
}

/** What an import would do. @param refused the first rows that it would refuse, each with its line */
export function dryRunSummaryOf(tally: ImportTally, totals: WouldCount, refused: readonly string[]): string {
  const { received, stored, duplicates, conflicts, rejected } = tally.counts;
  const pairs = formatPairs([
    ['received', received],
    ['would be stored', stored],
    ['duplicates', duplicates],
    ['conflicts', conflicts],
    ['rejected', rejected],
    ['skipped (no calls)', tally.skipped],
    ['input tokens', totals.inputTokens],
    ['output tokens', totals.outputTokens],
    ['cost in dollars', formatNumber(totals.cost / NANODOLLARS_PER_DOLLAR, 6)],
    ['without a price', totals.unpriced],
  ]);
  const shown = refused.map((refusal) => `  ${shorten(refusal)}\n`);
  const title = refused.length === 0 ? [] : ['\n  The first rows that would be refused:\n'];
  const skipped = reasonsOf('Skipped rows by reason', tally.skippedReasons);
  const end =
    '\n  Nothing was stored (--dry-run). Tokens and cost are those of the rows that would be stored.\n\n';
  return ['\n', pairs, ...title, ...shown, ...skipped, end].join('');
}

function ignoredBy({ unusedColumns }: ImportTally): string[] {
  if (unusedColumns.length === 0) return [];
  const lines = unusedColumns.map(({ column, reason }) => `  ${shorten(column)}: ${reason}\n`);
  return ['\n  Columns that were ignored (--map metadata.NAME=COLUMN keeps one):\n', ...lines];
}

function reasonsOf(title: string, reasons: readonly [string, number][]): string[] {
  if (reasons.length === 0) return [];
  const shown = reasons.slice(0, REASONS_SHOWN);
  const width = Math.max(...shown.map(([, rows]) => formatNumber(rows).length));
  const lines = shown.map(
    ([reason, rows]) => `  ${formatNumber(rows).padStart(width)}  ${shorten(reason)}\n`,
  );
  return [`\n  ${title}:\n`, ...lines];
}

function shorten(reason: string): string {
  return reason.length > REASON_LENGTH ? `${reason.slice(0, REASON_LENGTH)}…` : reason;
}

function hintsFor({ counts, reasons }: ImportTally): string[] {
  const isOfTime = reasons.some(([reason]) =>
    Object.values(timeFaults).some((fault) => reason.includes(fault)),
  );
  return [...(isOfTime ? [OTHER_TIMES] : []), ...(counts.conflicts > 0 ? [OTHER_CONTENT] : [])];
}
