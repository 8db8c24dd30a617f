import { timeFaults } from '../events/read-envelope.ts';
import type { ImportTally } from '../ingestion/files/tally.ts';
import { formatNumber, formatPairs } from './table.ts';

/** Reasons that are shown; the file of refused rows has all of them. */
const REASONS_SHOWN = 5;
const REASON_LENGTH = 200;

const OTHER_TIMES =
  '--any-time takes events of any age; --shift-to TIME moves all times, so that the latest row lands then.';
const OTHER_CONTENT =
  'A row without an id has one from the name of the file and its place in it, and the first that was imported\n' +
  '  counts. With another --shift-to, --map or --set it says something else, which is a conflict: to count the rows\n' +
  '  of this file beside those of the first time, import it under another name.';

/** What an import has done, for a person: counts, why rows were refused, and what may help. */
export function summaryOf(tally: ImportTally, seconds: number): string {
  const { received, stored, duplicates, conflicts, rejected } = tally.counts;
  const speed = `${formatNumber(seconds, 1)} s (${formatNumber(received / seconds)} events/s)`;
  const pairs = formatPairs([
    ['received', received],
    ['stored', stored],
    ['duplicates', duplicates],
    ['conflicts', conflicts],
    ['rejected', rejected],
    ['time', speed],
  ]);
  const help = hintsFor(tally).map((hint) => `\n  ${hint}\n`);
  return ['\n', pairs, ...reasonsOf(tally), ...help, '\n'].join('');
}

function reasonsOf({ reasons }: ImportTally): string[] {
  if (reasons.length === 0) return [];
  const shown = reasons.slice(0, REASONS_SHOWN);
  const width = Math.max(...shown.map(([, rows]) => formatNumber(rows).length));
  const lines = shown.map(
    ([reason, rows]) => `  ${formatNumber(rows).padStart(width)}  ${shorten(reason)}\n`,
  );
  return ['\n  Rows that were refused, by reason:\n', ...lines];
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
