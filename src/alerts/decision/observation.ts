import type { Baseline } from './baseline.ts';

/** What was measured over a window. */
export interface Measurement {
  /** In the unit of the metric; null where there is nothing to tell it from. */
  value: number | null;
  samples: number;
}

/** All that is known of one group when its rule is evaluated. */
export interface Observation {
  /** Over the last window whose every bucket is complete. */
  complete: Measurement;
  /** Over windows that reach into buckets that are not complete, the last first; none where they do not count. */
  current: readonly Measurement[];
  /** Over the complete window before, for `rate_of_change`. */
  previous: Measurement | null;
  /** What is usual, for `anomaly`. */
  baseline: Baseline | null;
  /** Why nothing could be measured, in words; null when all went well. */
  failure: string | null;
}

/** Of a number of the moment, without a window. */
export function momentaryObservation(value: number): Observation {
  return {
    complete: { value, samples: 1 },
    current: [],
    previous: null,
    baseline: null,
    failure: null,
  };
}

export function failedObservation(failure: string): Observation {
  return {
    complete: { value: null, samples: 0 },
    current: [],
    previous: null,
    baseline: null,
    failure,
  };
}
