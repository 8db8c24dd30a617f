import { Temporal } from 'temporal-polyfill';
import { isTimeZone } from '../../queries/reading/time-buckets.ts';

/** Hours of each day in which only critical notices are sent. They span midnight if `to` is before `from`. */
export interface QuietHours {
  /** `HH:MM` on the clock of the zone. */
  from: string;
  to: string;
  timezone: string;
}

/**
 * The earliest moment to send a message (milliseconds): now, or the end of the quiet hours that now lies in. Quiet hours
 * in an unknown zone are ignored.
 */
export function afterQuietHours(quiet: QuietHours | null, now: number): number {
  if (!quiet || quiet.from === quiet.to) return now;
  // Earlier versions stored zones such as IST. A message at night is better than none.
  if (!isTimeZone(quiet.timezone)) return now;
  const at = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(quiet.timezone);
  const [from, to] = [Temporal.PlainTime.from(quiet.from), Temporal.PlainTime.from(quiet.to)];
  const time = at.toPlainTime();
  const [begun, ended] = [
    Temporal.PlainTime.compare(time, from) >= 0,
    Temporal.PlainTime.compare(time, to) >= 0,
  ];
  const acrossMidnight = Temporal.PlainTime.compare(from, to) > 0;
  const isQuiet = acrossMidnight ? begun || !ended : begun && !ended;
  if (!isQuiet) return now;
  const day = acrossMidnight && begun ? at.toPlainDate().add({ days: 1 }) : at.toPlainDate();
  // If the clock skips that time, this is the moment after the gap.
  return day.toZonedDateTime({ timeZone: quiet.timezone, plainTime: to }).epochMilliseconds;
}
