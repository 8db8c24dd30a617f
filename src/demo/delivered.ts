import { HOUR } from '../time.ts';

/** A delivered range [from, to), in milliseconds since the epoch. */
export interface DeliveredRange {
  from: number;
  to: number;
}

/** The parts of `wanted` outside the delivered range. An hour that was begun is delivered again. */
export function missingRanges(wanted: DeliveredRange, there: DeliveredRange | undefined): DeliveredRange[] {
  // A delivered range that does not touch the wanted one would leave an unrecorded gap, so all is sent.
  if (!there || there.to < wanted.from || there.from > wanted.to) return [wanted];
  const before = { from: wanted.from, to: Math.min(there.from, wanted.to) };
  const after = { from: Math.floor(there.to / HOUR) * HOUR, to: wanted.to };
  return [before, after].filter((range) => range.from < range.to);
}

/** The delivered range after a missing range has arrived up to `reached`. */
export function extendBy(
  there: DeliveredRange | undefined,
  range: DeliveredRange,
  reached: number,
): DeliveredRange | undefined {
  if (!there || range.from > there.to || range.to < there.from) return { from: range.from, to: reached };
  // A range before the delivered one counts only once it is complete.
  if (range.from < there.from) return reached >= there.from ? { from: range.from, to: there.to } : there;
  return { from: there.from, to: Math.max(there.to, reached) };
}
