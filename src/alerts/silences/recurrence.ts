import { Temporal } from 'temporal-polyfill';

/** In the order of ISO 8601, which begins a week on Monday. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** When a window recurs: on these days, from one time to another on the clock of a zone. */
export interface Recurrence {
  /** The days on which it begins. */
  days: Weekday[];
  /** `HH:MM`. It ends on the next day if `to` is not after `from`. */
  from: string;
  to: string;
  timezone: string;
}

/** Half-open, milliseconds. */
export interface Occurrence {
  opensAt: number;
  closesAt: number;
}

interface Timed {
  startsAt: number | null;
  endsAt: number | null;
  recurrence: Recurrence | null;
}

/** An occurrence that began yesterday may be under way, and the next one is at most a week ahead. */
const DAYS_BACK = 2;
const DAYS_AHEAD = 8;

/** The occurrence that is under way at a moment, or comes next; null: none does. */
export function occurrenceAt({ startsAt, endsAt, recurrence }: Timed, now: number): Occurrence | null {
  const [first, last] = [startsAt ?? Number.NEGATIVE_INFINITY, endsAt ?? Number.POSITIVE_INFINITY];
  if (last <= now) return null;
  if (recurrence === null) return { opensAt: first, closesAt: last };
  const found = occurrencesAround(recurrence, Math.max(now, first))
    .map(({ opensAt, closesAt }) => ({
      opensAt: Math.max(opensAt, first),
      closesAt: Math.min(closesAt, last),
    }))
    .find(({ opensAt, closesAt }) => opensAt < closesAt && closesAt > now);
  return found ?? null;
}

function occurrencesAround({ days, from, to, timezone: timeZone }: Recurrence, moment: number): Occurrence[] {
  const today = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(timeZone).toPlainDate();
  const [begins, ends] = [Temporal.PlainTime.from(from), Temporal.PlainTime.from(to)];
  const isOvernight = Temporal.PlainTime.compare(ends, begins) <= 0;
  const dates = Array.from({ length: DAYS_BACK + DAYS_AHEAD + 1 }, (_, index) =>
    today.add({ days: index - DAYS_BACK }),
  );
  // A time that the clock skips is the moment after the gap.
  const at = (date: Temporal.PlainDate, plainTime: Temporal.PlainTime) =>
    date.toZonedDateTime({ timeZone, plainTime }).epochMilliseconds;
  return dates
    .filter(({ dayOfWeek }) => days.includes(weekdays[dayOfWeek - 1] ?? 'mon'))
    .map((date) => ({
      opensAt: at(date, begins),
      closesAt: at(isOvernight ? date.add({ days: 1 }) : date, ends),
    }));
}
