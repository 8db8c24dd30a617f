/** How the values of a metric spread. */
export interface Spread {
  /** The values spread over powers of ten, so their logarithm is judged. */
  log: boolean;
  /**
   * The spread by chance alone. Counts of independent events spread by the root of their number (Poisson). Shares of n
   * events spread by the root of p (1 − p) / n (binomial). A smaller difference is not unusual, however steady a short
   * past looked.
   */
  chance: 'count' | 'share' | null;
}
