import { date, monthName, timeOfDay } from '../numbers/moment.ts';
import { type WallClock, wallClock } from '../range/zone.ts';

/** Buckets that deserve a tick, from all of them to few. */
const steps: readonly ((clock: WallClock) => boolean)[] = [
  () => true,
  ({ minute }) => minute % 5 === 0,
  ({ minute }) => minute % 10 === 0,
  ({ minute }) => minute % 15 === 0,
  ({ minute }) => minute % 30 === 0,
  ({ minute }) => minute === 0,
  ({ minute, hour }) => minute === 0 && hour % 2 === 0,
  ({ minute, hour }) => minute === 0 && hour % 3 === 0,
  ({ minute, hour }) => minute === 0 && hour % 6 === 0,
  ({ minute, hour }) => minute === 0 && hour % 12 === 0,
  ({ minute, hour }) => minute === 0 && hour === 0,
  (clock) => isMidnight(clock) && clock.day % 2 === 1 && clock.day < 31,
  (clock) => isMidnight(clock) && clock.day % 5 === 0,
  (clock) => isMidnight(clock) && clock.day % 10 === 0,
  (clock) => isMidnight(clock) && (clock.day === 1 || clock.day === 15),
  (clock) => isMidnight(clock) && clock.day === 1,
  (clock) => isMidnight(clock) && clock.day === 1 && clock.month % 3 === 1,
  (clock) => isMidnight(clock) && clock.day === 1 && clock.month === 1,
];

function isMidnight({ hour, minute }: WallClock): boolean {
  return hour === 0 && minute === 0;
}

/** The buckets to name on the axis of time: at most `most`, at round times of the zone. */
export function ticksOf(buckets: readonly number[], timeZone: string, most: number): number[] {
  const clocks = buckets.map((bucket) => ({ bucket, clock: wallClock(bucket, timeZone) }));
  const least = Math.min(2, most, buckets.length);
  for (const step of steps) {
    const ticks = clocks.filter(({ clock }) => step(clock));
    const places = ticks.map(({ bucket }) => bucket);
    if (places.length >= least && places.length <= most && haveRoom(places, buckets, most)) return places;
  }
  return spread(buckets, most);
}

/** Whether no two ticks touch. Where buckets are missing, the ticks that are left may stand close together. */
function haveRoom(ticks: readonly number[], buckets: readonly number[], most: number): boolean {
  const span = (buckets.at(-1) ?? 0) - (buckets[0] ?? 0);
  return ticks.every((tick, index) => index === 0 || (tick - (ticks[index - 1] ?? 0)) * most * 1.5 >= span);
}

/** Buckets with room between them, where none of the round times fits, or buckets are missing. */
function spread(buckets: readonly number[], most: number): number[] {
  const [first = 0] = buckets;
  const least = ((buckets.at(-1) ?? first) - first) / (most - 1);
  const ticks: number[] = [];
  for (const bucket of buckets) {
    const before = ticks.at(-1);
    if (before === undefined || bucket - before >= least) ticks.push(bucket);
  }
  return ticks;
}

/** The name of a tick: a time of day, at midnight the date. */
export function tickText(bucket: number, timeZone: string): string {
  return isMidnight(wallClock(bucket, timeZone)) ? date(bucket, timeZone) : timeOfDay(bucket, timeZone);
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A bucket in words: `3 Nov, 14:00–15:00`, `3 Nov 2026`, `3–9 Nov`, `November 2026`. */
export function bucketText(start: number, end: number, timeZone: string): string {
  const length = end - start;
  if (length < 23 * HOUR)
    return `${date(start, timeZone)}, ${timeOfDay(start, timeZone)}–${timeOfDay(end, timeZone)}`;
  if (length <= 25 * HOUR) return date(start, timeZone, { year: true });
  if (length > 27 * DAY && wallClock(start, timeZone).day === 1) return monthName(start, timeZone);
  return `${date(start, timeZone)} – ${date(end - 1, timeZone, { year: true })}`;
}
