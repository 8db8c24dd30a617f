import { Temporal } from 'temporal-polyfill';
import { isTimeZone } from '../../queries/reading/time-buckets.ts';

/**
 * A moment on the clock of a recipient, with its zone: `2026-11-20 11:00:00 +01:00 (Europe/Berlin)`. A zone that cannot be
 * calculated with is taken for UTC.
 * @param moment ISO 8601
 */
export function localTime(moment: string, zone = 'UTC'): string {
  const at = Temporal.Instant.from(moment);
  if (zone === 'UTC' || !isTimeZone(zone)) return `${wallTime(at.toZonedDateTimeISO('UTC'))} UTC`;
  const local = at.toZonedDateTimeISO(zone);
  return `${wallTime(local)} ${local.offset} (${zone})`;
}

function wallTime(at: Temporal.ZonedDateTime): string {
  return at.toPlainDateTime().toString({ smallestUnit: 'second' }).replace('T', ' ');
}
