import { Type } from 'typebox';
import { type CodedError, refuse } from '../../errors.ts';
import { readTimestamp } from '../../events/field.ts';
import { isTimeZone } from '../../queries/reading/time-buckets.ts';

/** A moment, in a query or an answer. */
export function moment(description: string) {
  return Type.String({ maxLength: 40, description });
}

/** Of a query whose answer has days. */
export const timezoneParameter = Type.Optional(
  Type.String({
    maxLength: 60,
    description: 'IANA zone whose days, hours and weeks are meant; default UTC.',
  }),
);

/** The error for a query parameter: its name, and what is right after "must be". */
export function refuseParameter(path: string, message: string): CodedError {
  return refuse('In the query', [{ path, message }]);
}

/** In a query, `+` is a space. */
const LOST_PLUS = / \d\d:?\d\d$/;

/** A moment of a query, in milliseconds. */
export function readMillis(name: string, text: string): number {
  const read = readTimestamp(text);
  if (typeof read === 'number') return Math.floor(read / 1_000);
  const hint = LOST_PLUS.test(text) ? '; the + of a zone is written %2B in a URL' : '';
  throw refuseParameter(name, `must be ${read.expected}${hint}`);
}

export function readTimezone(zone = 'UTC'): string {
  if (isTimeZone(zone)) return zone;
  throw refuseParameter('timezone', 'must be an IANA time zone, such as Europe/Berlin');
}
