const DAY = 86_400_000;

/**
 * What the whole month costs if it goes on like this. Less than a day, or a month without any cost, says nothing about the rest:
 * there is no forecast then.
 */
export function forecastOf(dollars: number, passedMs: number, wholeMs: number): number | undefined {
  return passedMs < DAY || dollars <= 0 ? undefined : (dollars / passedMs) * wholeMs;
}
