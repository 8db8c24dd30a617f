import { HOUR } from '../time.ts';

/** Deliveries of [from, to), in milliseconds since the epoch. */
export interface Delivered {
  from: number;
  to: number;
}

/** What is missing of `wanted` when `there` has arrived; an hour that was begun is done again. */
export function missingRanges(wanted: Delivered, there: Delivered | undefined): Delivered[] {
  // What reaches neither end would leave a gap that nobody remembers: then all is sent.
  if (!there || there.to < wanted.from || there.from > wanted.to) return [wanted];
  const before = { from: wanted.from, to: Math.min(there.from, wanted.to) };
  const after = { from: Math.floor(there.to / HOUR) * HOUR, to: wanted.to };
  return [before, after].filter((range) => range.from < range.to);
}

/** What is there once a missing range has arrived up to `reached`. */
export function extendBy(
  there: Delivered | undefined,
  range: Delivered,
  reached: number,
): Delivered | undefined {
  if (!there || range.from > there.to || range.to < there.from) return { from: range.from, to: reached };
  // In front of what is there, it counts once it is whole.
  if (range.from < there.from) return reached >= there.from ? { from: range.from, to: there.to } : there;
  return { from: there.from, to: Math.max(there.to, reached) };
}
