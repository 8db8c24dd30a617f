/** How values of a metric spread. */
export interface Spread {
  /** By powers of ten: they are judged by their logarithm. */
  log: boolean;
  /**
   * What chance alone makes of them: counts of independent events spread by the root of their number (Poisson), shares
   * of n events by the root of p (1 − p) / n (binomial). However steady a short past looked, less is not unusual.
   */
  chance: 'count' | 'share' | null;
}
