import { momentOf, wallClock } from './zone.ts';

/** A moment as a field of the browser has it: `2026-11-03T14:00`. */
export function fieldText(moment: number, timeZone: string): string {
  const { year, month, day, hour, minute } = wallClock(moment, timeZone);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

/** The moment that a field of the browser names on the clock of a zone. */
export function momentOfField(text: string, timeZone: string): number {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = text.split(/\D/).map(Number);
  return momentOf({ year, month, day, hour, minute, second: 0 }, timeZone);
}
