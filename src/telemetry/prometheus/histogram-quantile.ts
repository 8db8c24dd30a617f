/** The number or rate of observations up to a value; cumulative, as in Prometheus. */
export interface CumulativeBucket {
  /** The largest value of the bucket; `Infinity` for the last. */
  upTo: number;
  count: number;
}

/**
 * The value that a share `q` of all observations does not exceed. Like `histogram_quantile` of Prometheus, it
 * interpolates linearly within the bucket, so its error is at most the width of the bucket. `null` without observations.
 */
export function histogramQuantile(q: number, buckets: readonly CumulativeBucket[]): number | null {
  const sorted = [...buckets].sort((a, b) => a.upTo - b.upTo);
  const total = sorted.at(-1)?.count ?? 0;
  if (!(total > 0)) return null;
  const rank = q * total;
  const at = sorted.findIndex(({ count }) => count >= rank);
  const bucket = sorted[at];
  const below = at > 0 ? sorted[at - 1] : { upTo: 0, count: 0 };
  if (!bucket || !below) return null;
  // The last bucket has no upper bound to interpolate to.
  if (bucket.upTo === Number.POSITIVE_INFINITY) return below.upTo;
  const within = bucket.count - below.count;
  return within > 0 ? below.upTo + (bucket.upTo - below.upTo) * ((rank - below.count) / within) : bucket.upTo;
}
