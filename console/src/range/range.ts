import { offsetAt, startOfDay, startOfMonth } from './zone.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Ranges that move with the time. */
export const movingRanges = ['1h', '24h', '7d', '30d', 'month', 'last-month'] as const;
export type MovingRange = (typeof movingRanges)[number];

const DEFAULT_RANGE: MovingRange = '24h';

export const granularities = ['minute', 'quarter_hour', 'hour', 'day', 'week', 'month'] as const;
/** Widths of buckets, as the API names them. */
export type Granularity = (typeof granularities)[number];

/** A range with its moments: it includes `start` and excludes `end`. */
export interface Range {
  /** As the address has it: `7d`, or two moments with a slash between them. */
  text: string;
  start: number;
  end: number;
  granularity: Granularity;
  /** Whether it ends now, so that new events belong to it. */
  isMoving: boolean;
}

/**
 * The range that a text of the address means.
 * @param text `24h`, `month`, or `2026-11-01T00:00:00Z/2026-11-08T00:00:00Z`; anything else means the default
 */
export function readRange(text: string | undefined, timeZone: string, now: number): Range {
  const fixed = text === undefined ? undefined : fixedRange(text);
  if (fixed !== undefined) {
    const { start, end } = fixed;
    return {
      text: rangeText(start, end),
      start,
      end,
      granularity: granularityOf(end - start),
      isMoving: false,
    };
  }
  const name = movingRanges.find((range) => range === text) ?? DEFAULT_RANGE;
  return { text: name, isMoving: name !== 'last-month', ...moving(name, timeZone, now) };
}

/** Two moments as the address has them. */
export function rangeText(start: number, end: number): string {
  return `${iso(start)}/${iso(end)}`;
}

function iso(moment: number): string {
  return new Date(moment).toISOString().replace('.000Z', 'Z');
}

function fixedRange(text: string): { start: number; end: number } | undefined {
  const [start = Number.NaN, end = Number.NaN, ...more] = text.split('/').map((part) => Date.parse(part));
  return more.length === 0 && start < end ? { start, end } : undefined;
}

/** A moving range begins with a whole bucket, so that only its last one is incomplete. */
function moving(
  name: MovingRange,
  timeZone: string,
  now: number,
): Pick<Range, 'start' | 'end' | 'granularity'> {
  const end = Math.ceil(now / MINUTE) * MINUTE;
  switch (name) {
    case '1h':
      return { start: end - HOUR, end, granularity: 'minute' };
    case '24h':
      return { start: wholeHour(end - DAY, timeZone), end, granularity: 'hour' };
    case '7d':
      return { start: wholeHour(end - 7 * DAY, timeZone), end, granularity: 'hour' };
    case '30d':
      return { start: startOfDay(now, timeZone, -29), end, granularity: 'day' };
    case 'month':
      return { start: startOfMonth(now, timeZone), end, granularity: 'day' };
    case 'last-month':
      return { start: startOfMonth(now, timeZone, -1), end: startOfMonth(now, timeZone), granularity: 'day' };
  }
}

/** The whole hour of the zone at or before a moment: in Kathmandu hours begin at :15 of UTC. */
function wholeHour(moment: number, timeZone: string): number {
  const offset = offsetAt(moment, timeZone);
  return Math.floor((moment + offset) / HOUR) * HOUR - offset;
}

/** Buckets of this width draw a range of this length well: 30 to 200 of them. */
export function granularityOf(length: number): Granularity {
  if (length <= 3 * HOUR) return 'minute';
  if (length <= 12 * HOUR) return 'quarter_hour';
  if (length <= 8 * DAY) return 'hour';
  if (length <= 200 * DAY) return 'day';
  return length <= 900 * DAY ? 'week' : 'month';
}

/** The time of the same length before it. Whole months are compared with the month before. */
export function rangeBefore({ start, end, text }: Range, timeZone: string): { start: number; end: number } {
  if (text === 'last-month') return { start: startOfMonth(start, timeZone, -1), end: start };
  if (text === 'month') {
    const before = startOfMonth(start, timeZone, -1);
    return { start: before, end: Math.min(before + (end - start), start) };
  }
  return { start: start - (end - start), end: start };
}

/** How often a live page asks again. */
export function liveInterval({ start, end }: Pick<Range, 'start' | 'end'>): number {
  return end - start <= 25 * HOUR ? 10_000 : MINUTE;
}
