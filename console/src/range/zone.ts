const formats = new Map<string, Intl.DateTimeFormat>();

/** The zone of this browser. */
export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** Whether a text names a time zone. */
export function isZone(text: string): boolean {
  try {
    partsFormat(text);
    return true;
  } catch {
    return false;
  }
}

function partsFormat(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const number = 'numeric';
    format = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone, calendar: 'gregory', hourCycle: 'h23' },
      ...{ year: number, month: number, day: number, hour: number, minute: number, second: number },
    });
    formats.set(timeZone, format);
  }
  return format;
}

export interface WallClock {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** What a clock on the wall shows at a moment. */
export function wallClock(moment: number, timeZone: string): WallClock {
  const parts = partsFormat(timeZone).formatToParts(moment);
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  return {
    ...{ year: of('year'), month: of('month'), day: of('day') },
    ...{ hour: of('hour'), minute: of('minute'), second: of('second') },
  };
}

/** How far the clocks of the zone are ahead of UTC, in milliseconds. */
export function offsetAt(moment: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = wallClock(moment, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1_000) * 1_000;
}

/**
 * The moment when a clock on the wall shows this time. Of a time that the clock shows twice, the first; of one that it
 * skips, the moment of the skip or just after.
 */
export function momentOf({ year, month, day, hour, minute, second }: WallClock, timeZone: string): number {
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
  // The offset is that of one of the two days around it.
  const offsets = [offsetAt(asUtc - 86_400_000, timeZone), offsetAt(asUtc + 86_400_000, timeZone)];
  const moments = offsets.map((offset) => asUtc - offset);
  const right = moments.filter((moment) => moment + offsetAt(moment, timeZone) === asUtc);
  return right.length > 0 ? Math.min(...right) : Math.max(...moments);
}

const MIDNIGHT = { hour: 0, minute: 0, second: 0 };

/** The midnight at which the day of a moment began, `days` days later. */
export function startOfDay(moment: number, timeZone: string, days = 0): number {
  const { year, month, day } = wallClock(moment, timeZone);
  return momentOf({ year, month, day: day + days, ...MIDNIGHT }, timeZone);
}

/** The midnight at which the month of a moment began, `months` months later. */
export function startOfMonth(moment: number, timeZone: string, months = 0): number {
  const { year, month } = wallClock(moment, timeZone);
  return momentOf({ year, month: month + months, day: 1, ...MIDNIGHT }, timeZone);
}

/** The offset in words: `UTC+5:45`; `UTC` alone for none. */
export function offsetText(moment: number, timeZone: string): string {
  const minutes = Math.round(offsetAt(moment, timeZone) / 60_000);
  if (minutes === 0) return 'UTC';
  const rest = Math.abs(minutes) % 60;
  const hours = Math.floor(Math.abs(minutes) / 60);
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

/** The zone in words: `Europe/Berlin, UTC+1`. */
export function zoneText(moment: number, timeZone: string): string {
  const offset = offsetText(moment, timeZone);
  return timeZone === offset ? timeZone : `${timeZone}, ${offset}`;
}
