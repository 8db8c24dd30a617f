import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import type { Baseline } from './baseline.ts';

/** The value of one window. */
export interface Measurement {
  /** In the unit of the metric; null if there is no data to compute it from. */
  value: number | null;
  samples: number;
}

/** Everything measured of one group when its rule is evaluated. */
export interface Observation {
  /** The last window that has only complete buckets. */
  complete: Measurement;
  /** Windows that end in incomplete buckets, the latest first; empty for rules that do not use them. */
  current: readonly Measurement[];
  /** The complete window before, for `rate_of_change`. */
  previous: Measurement | null;
  /** The usual value, for `anomaly`. */
  baseline: Baseline | null;
  /** Why nothing could be measured, in words; null: the query succeeded. */
  failure: string | null;
  /** Windows that have ended, and that have got events since the last evaluation, in order; absent: there are none. */
  late?: readonly LateObservation[];
}

/** What was measured of a group in a window that has got events late. */
export interface LateObservation extends Pick<Observation, 'complete' | 'previous' | 'baseline'> {
  window: TimeRange;
}

/** An observation of a gauge of this moment, which has no window. */
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
