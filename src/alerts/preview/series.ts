import { SECOND } from '../../time.ts';
import { type Bounds, boundsOf } from '../decision/bounds.ts';
import type { Decision } from '../decision/decide.ts';
import type { Verdict } from '../decision/verdict.ts';
import type { Group } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';

/** The most points of one group, and the most groups and marks, that one answer has. */
const MOST_POINTS = 1_500;
const MOST_SERIES = 10;
export const MOST_MARKS = 500;

/** A value as a rule judged it. `at` is the moment of the evaluation, ISO 8601. */
export interface SeriesPoint extends Bounds {
  at: string;
  /** In the unit of the metric; null: there was no data. */
  value: number | null;
  samples: number;
  /** The earlier or usual value. */
  baseline: number | null;
}

/** Lengths of a point that people can read from an axis; seconds. */
const STEPS = [1, 2, 5, 10, 15, 30]
  .flatMap((one) => [one, one * 60])
  .concat([1, 2, 3, 6, 12, 24].map((hours) => hours * 3_600))
  .sort((a, b) => a - b);

/** The time of one point, so that a stretch has no more points than allowed; milliseconds. */
export function stepOfPoints({ start, end }: { start: number; end: number }, least: number): number {
  const needed = Math.max(least, (end - start) / (MOST_POINTS - 1));
  const step = STEPS.find((one) => one * SECOND >= needed);
  return step === undefined ? Math.ceil(needed / SECOND) * SECOND : step * SECOND;
}

/**
 * Gathers the points of one group. Where several evaluations share a point, it shows the one that was furthest past the
 * threshold: a chart must not hide what fired.
 */
export class SeriesPoints {
  readonly #rule: Rule;
  readonly #step: number;
  readonly #points = new Map<number, { rank: number; point: SeriesPoint }>();
  #merged = 0;

  constructor(rule: Rule, step: number) {
    this.#rule = rule;
    this.#step = step;
  }

  add(at: number, verdict: Verdict): void {
    const place = Math.floor(at / this.#step);
    const rank = rankOf(this.#rule, verdict);
    const there = this.#points.get(place);
    if (there) this.#merged++;
    if (there && there.rank >= rank) return;
    const { value, samples } = verdict.measured;
    this.#points.set(place, {
      rank,
      point: {
        at: new Date(at).toISOString(),
        value,
        samples,
        baseline: verdict.reference,
        ...boundsOf(this.#rule, verdict),
      },
    });
  }

  get points(): SeriesPoint[] {
    return [...this.#points.values()].map(({ point }) => point);
  }

  /** Whether a point stands for several evaluations. */
  get isMerged(): boolean {
    return this.#merged > 0;
  }
}

/** How far a value is past the threshold; the more, the worse. */
function rankOf(rule: Rule, { compared, measured }: Verdict): number {
  if (measured.value === null) return Number.NEGATIVE_INFINITY;
  if (compared === null) return -Number.MAX_VALUE;
  if (rule.type === 'threshold_below') return -compared;
  if (rule.type === 'rate_of_change') return rule.threshold < 0 ? -compared : compared;
  if (rule.type !== 'anomaly') return compared;
  return rule.direction === 'both' ? Math.abs(compared) : rule.direction === 'up' ? compared : -compared;
}

/** A transition of an alert, as a mark of a chart. */
export interface SeriesMark {
  at: string;
  transition: string;
  reason: string;
  /** The kind of notice that people got; null: none. */
  notice: string | null;
  value: number | null;
}

/** The values of one group of a previewed rule. */
export interface PreviewedSeries {
  group: Group;
  points: SeriesPoint[];
  marks: SeriesMark[];
  /** How many events the windows had; null: no window had a value. */
  samples: { least: number; median: number; most: number } | null;
}

/** Gathers the series of one group while it is replayed. */
export class ReplayedSeries {
  readonly group: Group;
  readonly #points: SeriesPoints;
  readonly #marks: SeriesMark[] = [];
  #transitions = 0;

  constructor(rule: Rule, group: Group, step: number) {
    this.group = group;
    this.#points = new SeriesPoints(rule, step);
  }

  add(at: number, { verdict, transition, reason, reported }: Decision): void {
    this.#points.add(at, verdict);
    if (!transition || ++this.#transitions > MOST_MARKS) return;
    const { name, notice } = transition;
    this.#marks.push({
      at: new Date(at).toISOString(),
      transition: name,
      reason,
      notice,
      value: reported.value,
    });
  }

  get transitions(): number {
    return this.#transitions;
  }

  get isMerged(): boolean {
    return this.#points.isMerged;
  }

  get series(): PreviewedSeries {
    const { points } = this.#points;
    return { group: this.group, points, marks: this.#marks, samples: samplesOf(points) };
  }
}

function samplesOf(points: readonly SeriesPoint[]): PreviewedSeries['samples'] {
  const samples = points
    .filter(({ value }) => value !== null)
    .map((point) => point.samples)
    .sort((a, b) => a - b);
  const [least] = samples;
  if (least === undefined) return null;
  return { least, median: samples[samples.length >> 1] ?? least, most: samples.at(-1) ?? least };
}

/**
 * The series that a preview shows: of the groups that would fire most, then of those with the most events.
 * @param all in the order of their events
 * @param groups how many groups there are
 */
export function chosenSeries(all: readonly ReplayedSeries[], groups: number, step: number) {
  const chosen = all.toSorted((a, b) => b.transitions - a.transitions).slice(0, MOST_SERIES);
  const left = chosen.map(({ transitions }) => Math.max(0, transitions - MOST_MARKS));
  return {
    series: chosen.map(({ series }) => series),
    pointSeconds: step / SECOND,
    seriesNote: noteOf({
      shown: chosen.length,
      groups,
      step,
      isMerged: chosen.some(({ isMerged }) => isMerged),
      marksLeftOut: left.reduce((sum, one) => sum + one, 0),
    }),
  };
}

/** What an answer says where it shows less than there is; null: it shows everything. */
export function noteOf(cut: {
  shown: number;
  groups: number;
  step: number;
  isMerged: boolean;
  marksLeftOut: number;
}) {
  const notes = [
    ...(cut.groups > cut.shown
      ? [
          `${cut.shown} of ${cut.groups} groups are shown: those that would fire most, then those with the most events.`,
        ]
      : []),
    ...(cut.isMerged
      ? [
          `A point stands for ${cut.step / SECOND} s, and shows the value that is furthest past the threshold.`,
        ]
      : []),
    ...(cut.marksLeftOut > 0 ? [`${cut.marksLeftOut} later marks are left out.`] : []),
  ];
  return notes.length === 0 ? null : notes.join(' ');
}
