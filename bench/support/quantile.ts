/**
 * The exact quantile of values in ascending order: the smallest value whose rank is at least `q` times their number,
 * like PostgreSQL's `percentile_disc`. NaN without values.
 */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)] ?? Number.NaN;
}

export function median(times: readonly number[]): number {
  return quantileOfSorted(
    [...times].sort((a, b) => a - b),
    0.5,
  );
}
