import { locale } from './locale.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, { timeZone, ...options });
    formats.set(key, format);
  }
  return format;
}

export type Moment = number | string;

/** A date: `3 Nov` or, with the year, `3 Nov 2025`. */
export function date(moment: Moment, timeZone: string, { year = false } = {}): string {
  return formatOf(timeZone, { day: 'numeric', month: 'short', ...(year && { year: 'numeric' }) }).format(
    new Date(moment),
  );
}

/** A time of day: `14:03`, or with seconds `14:03:21`. */
export function timeOfDay(moment: Moment, timeZone: string, { seconds = false } = {}): string {
  return formatOf(timeZone, {
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds && { second: '2-digit' }),
  }).format(new Date(moment));
}

/** A date and a time: `3 Nov, 14:03`. */
export function dateAndTime(moment: Moment, timeZone: string): string {
  return `${date(moment, timeZone)}, ${timeOfDay(moment, timeZone)}`;
}

/** A moment with everything that can be said about it, for titles. */
export function exactMoment(moment: Moment, timeZone: string): string {
  return formatOf(timeZone, {
    dateStyle: 'full',
    timeStyle: 'long',
  }).format(new Date(moment));
}

/** The name of a month: `November 2025`. */
export function monthName(moment: Moment, timeZone: string): string {
  return formatOf(timeZone, { month: 'long', year: 'numeric' }).format(new Date(moment));
}
