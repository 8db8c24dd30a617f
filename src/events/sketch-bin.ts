/**
 * Logarithmic bins for latency sketches, after DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable
 * quantile sketch with relative-error guarantees", VLDB 2019). Bin i holds the values in (γ^(i−1), γ^i]. To report
 * 2γ^i/(γ+1) for it is off by at most (γ−1)/(γ+1) < 1 % of the value.
 */
const GAMMA = 1.02;
const LOG_GAMMA = Math.log(GAMMA);
/** The bin of zero, which has no logarithm. */
const ZERO_BIN = -1;

/** The bin of a non-negative whole number (microseconds). */
export function binOf(value: number): number {
  return value <= 0 ? ZERO_BIN : Math.ceil(Math.log(value) / LOG_GAMMA - 1e-12);
}

/** The value that is reported for a bin, within 1 % of every value in it. */
export function valueOfBin(bin: number): number {
  return bin === ZERO_BIN ? 0 : (2 * GAMMA ** bin) / (GAMMA + 1);
}
