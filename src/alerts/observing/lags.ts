/** From when to when something waited, as moments of an even grid. */
export interface Waiting {
  /** The first and the last moment of the grid at which it waited. */
  first: number;
  last: number;
  /** Since when, in milliseconds. */
  since: number;
}

/**
 * How long whatever waits the longest has waited, at each moment of a grid.
 * @param waiting in the order of `since`
 * @param grid the first moment and the time between two, in milliseconds; and how many there are
 * @returns seconds; 0 where nothing waits
 */
export function lagsOf(
  waiting: Iterable<Waiting>,
  { start, step, moments }: { start: number; step: number; moments: number },
): Float64Array {
  const lags = new Float64Array(moments);
  // Whoever comes later has waited for less: what is known up to here stays.
  let known = -1;
  for (const { first, last, since } of waiting) {
    for (let index = Math.max(first, known + 1); index <= last && index < moments; index++) {
      lags[index] = (start + index * step - since) / 1_000;
    }
    known = Math.max(known, last);
  }
  return lags;
}
