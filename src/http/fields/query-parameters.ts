import { Type } from 'typebox';
import { type CodedError, refuse } from '../../errors.ts';
import { readTimestamp } from '../../events/field.ts';
import { EXPECTED_ZONE, isTimeZone } from '../../queries/reading/time-buckets.ts';
import { shortText } from './texts.ts';

/** The parameter that chooses one org, on routes that can answer for several. */
export function orgParameter(description: string) {
  return Type.Optional(shortText(200, description));
}

/** The parameter of routes whose answer depends on the start of a day. */
export const timezoneParameter = Type.Optional(
  Type.String({
    maxLength: 60,
    description: 'IANA time zone of the days, hours and weeks, such as Europe/Berlin. Default UTC.',
  }),
);

/** The most entries of a page. */
export function limitParameter(maximum: number, defaultLimit: number, entries = 'Entries') {
  return Type.Optional(
    Type.Integer({ minimum: 1, maximum, description: `${entries} per page. Default ${defaultLimit}.` }),
  );
}

/** Whether the smallest or the largest comes first. */
export function orderParameter(description: string) {
  return Type.Optional(Type.Enum(['asc', 'desc'] as const, { description }));
}

/** The error for a query parameter: its name, and what is wrong with its value. */
export function refuseParameter(path: string, message: string): CodedError {
  return refuse('In the query', [{ path, message }]);
}

/** In a query, `+` stands for a space. */
const LOST_PLUS = / \d\d:?\d\d$/;
const PLUS_HINT = '; write the + of a zone as %2B in a URL';

/** Reads a time of a query, as milliseconds since the epoch. */
export function readMillis(name: string, text: string): number {
  const read = readTimestamp(text);
  if (typeof read === 'number') return Math.floor(read / 1_000);
  const hint = LOST_PLUS.test(text) ? PLUS_HINT : '';
  throw refuseParameter(name, `must be ${read.expected}${hint}`);
}

export function readTimezone(zone = 'UTC'): string {
  if (isTimeZone(zone)) return zone;
  const hint = / \d+$/.test(zone) ? PLUS_HINT : '';
  throw refuseParameter('timezone', `${EXPECTED_ZONE}${hint}`);
}
