import { InvalidArgumentError } from 'commander';
import { parseTimestamp } from '../events/timestamp.ts';

/** Reads a moment from the command line: a date (its midnight) or a time. Without an offset it is in UTC. */
export function readMoment(text: string): Date {
  const full = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00Z` : text;
  const micros = parseTimestamp(full, { assumeUtc: true });
  if (micros === undefined) {
    throw new InvalidArgumentError('Give a date or a time, such as 2026-01-31 or 2026-01-31T12:00Z.');
  }
  return new Date(Math.floor(micros / 1_000));
}

/** Formats a moment to the minute: `2026-01-31 12:00 UTC`. */
export function formatMoment(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Formats a moment with seconds and milliseconds if they are not 0: `2026-01-31 12:00:30 UTC`. */
export function formatExactMoment(moment: Date): string {
  return `${moment
    .toISOString()
    .replace('T', ' ')
    .replace(/(:00)?(\.000)?Z$/, '')} UTC`;
}
