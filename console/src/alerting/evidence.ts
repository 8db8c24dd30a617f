import type { ChartData, ChartSeries } from '../charts/chart-data.ts';

/** A value as a rule judged it. */
export interface Point {
  at: string;
  value: number | null;
  baseline: number | null;
  lower: number | null;
  upper: number | null;
}

interface EvidenceWords {
  value: string;
  upper: string;
  lower: string;
  threshold: string;
}

interface EvidenceOptions {
  pointSeconds: number;
  end: string;
  words: EvidenceWords;
  colour: string;
  /** Bounds are drawn as dashed lines, but for what is drawn by other means. */
  hasBounds?: boolean;
}

/** A rule's values as a chart. A bound that never changes is the threshold; bounds that change are a band. */
export function evidenceChart(points: readonly Point[], options: EvidenceOptions): ChartData {
  const { pointSeconds, words, colour, hasBounds = true } = options;
  const buckets = points.map(({ at }) => Date.parse(at));
  const last = buckets.at(-1) ?? Date.parse(options.end);
  const bound = (side: 'upper' | 'lower'): ChartSeries[] => {
    const values = points.map((point) => point[side]);
    const known = new Set(values.filter((value) => value !== null));
    if (known.size === 0) return [];
    const label = known.size === 1 ? words.threshold : words[side];
    // The threshold is a whole line, also where there was no data.
    const shown = known.size === 1 ? values.map(() => [...known][0] ?? null) : values;
    return [{ id: side, label, colour: '', values: shown, isComparison: true }];
  };
  return {
    buckets,
    end: last + pointSeconds * 1_000,
    partial: points.map(() => false),
    series: [
      { id: 'value', label: words.value, colour, values: points.map(({ value }) => value) },
      ...(hasBounds ? [...bound('upper'), ...bound('lower')] : []),
    ],
    isAdditive: false,
  };
}
