/** A time during which something waited, in moments of an even grid. */
export interface Waiting {
  /** The first and the last moment of the grid at which it waited. */
  first: number;
  last: number;
  /** The start of the waiting; milliseconds. */
  since: number;
}

/**
 * The longest current wait at each moment of a grid.
 * @param waiting in the order of `since`
 * @param grid the first moment and the time between two, in milliseconds; and how many there are
 * @returns seconds; 0: nothing waits
 */
export function lagsOf(
  waiting: Iterable<Waiting>,
  { start, step, moments }: { start: number; step: number; moments: number },
): Float64Array {
  const lags = new Float64Array(moments);
  // A later start is a shorter wait, so the lags known so far stay.
  let known = -1;
  for (const { first, last, since } of waiting) {
    for (let index = Math.max(first, known + 1); index <= last && index < moments; index++) {
      lags[index] = (start + index * step - since) / 1_000;
    }
    known = Math.max(known, last);
  }
  return lags;
}
