import { otherColour } from '../colour/palette.ts';
import { words } from '../words/chart.ts';
import type { ChartData, ChartSeries } from './chart-data.ts';

/** So many groups have a colour; the rest is put together. */
const MOST_GROUPS = 8;

interface BucketPoint {
  bucketStart: string;
  partial?: true;
  /** The service has added up the groups without points of their own. */
  rest?: true;
}

interface GroupOptions<Point> {
  /** The end of the time that the points cover. */
  end: string;
  /** How many groups are in the points with `rest`. */
  restGroups: number;
  /** The group of a point; `null` stands for none. */
  groupOf: (point: Point) => string | null | undefined;
  labelOf: (group: string) => string;
  colourOf: (group: string) => string;
  /** The points of several groups in one bucket, together. */
  sum: (points: readonly Point[]) => Point;
  value: (point: Point) => number | null;
  /** What decides which groups are the largest; by default the value. */
  weightOf?: (point: Point) => number;
  isAdditive?: boolean;
}

/** A last bucket that has just begun is drawn as wide as the one before it. */
function endOf(starts: readonly string[], end: string): number {
  const [before, last] = starts.slice(-2).map((start) => Date.parse(start));
  if (before === undefined) return Date.parse(end);
  return Math.max(Date.parse(end), last === undefined ? before + 1 : 2 * last - before);
}

/** Makes a chart of points by bucket and group: the largest groups with their colours, the others together. */
export function chartOfGroups<Point extends BucketPoint>(
  points: readonly Point[],
  options: GroupOptions<Point>,
): ChartData {
  const { end, groupOf, labelOf, colourOf, sum, value, isAdditive = true } = options;
  const starts = [...new Set(points.map(({ bucketStart }) => bucketStart))].sort();
  const weightOf = options.weightOf ?? ((point: Point) => value(point) ?? 0);
  const named = points.filter(({ rest }) => rest !== true);
  const groups = [...Map.groupBy(named, (point) => groupOf(point) ?? '')]
    .map(([group, own]) => ({ group, own, weight: own.reduce((total, point) => total + weightOf(point), 0) }))
    .filter(({ own }) => own.some((point) => weightOf(point) !== 0))
    .sort((one, other) => other.weight - one.weight);
  const shown = groups.slice(0, MOST_GROUPS);
  const others = [
    ...groups.slice(MOST_GROUPS).flatMap(({ own }) => own),
    ...points.filter(({ rest }) => rest === true),
  ];
  const seriesOf = (own: readonly Point[]): (number | null)[] => {
    const byStart = Map.groupBy(own, ({ bucketStart }) => bucketStart);
    return starts.map((start) => {
      const there = byStart.get(start);
      return there === undefined ? null : value(sum(there));
    });
  };
  const series: ChartSeries[] = shown.map(({ group, own }) => ({
    ...{ id: group, label: labelOf(group), colour: colourOf(group), values: seriesOf(own) },
  }));
  if (others.some((point) => weightOf(point) !== 0)) {
    const count = groups.length - shown.length + options.restGroups;
    series.push({ id: 'other', label: words.other(count), colour: otherColour, values: seriesOf(others) });
  }
  const partial = new Set(points.filter((point) => point.partial).map(({ bucketStart }) => bucketStart));
  return {
    buckets: starts.map((start) => Date.parse(start)),
    end: endOf(starts, end),
    partial: starts.map((start) => partial.has(start)),
    series,
    isAdditive,
  };
}
