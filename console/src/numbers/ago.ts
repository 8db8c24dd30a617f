import { locale } from './locale.ts';
import type { Moment } from './moment.ts';

const SECOND = 1_000;
const units = [
  ['second', SECOND, 60],
  ['minute', 60 * SECOND, 60],
  ['hour', 3_600 * SECOND, 24],
  ['day', 86_400 * SECOND, Number.POSITIVE_INFINITY],
] as const;

let format: Intl.RelativeTimeFormat | undefined;

/** How long ago a moment was: `2 seconds ago`, `3 days ago`. What a slow clock puts into the future is now. */
export function ago(moment: Moment, now: number): string {
  format ??= new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
  const past = Math.max(0, now - new Date(moment).getTime());
  const [unit, length] = units.find(([, size, most]) => past < size * most) ?? units[3];
  return format.format(-Math.floor(past / length), unit);
}
