import { localTime } from '../notice/local-time.ts';
import type { Notice } from '../notice/notice.ts';
import { inUnit } from '../notice/quantity.ts';

/** The recent values of an alert, for a small chart. */
export interface ChartValues {
  /** In time order; milliseconds. A value of null is a time without data. */
  points: readonly { at: number; value: number | null }[];
  /** The level that the values are compared with, in the unit of the metric; null: there is none. */
  threshold: number | null;
}

/** Finds the values of an alert; `undefined`: there is nothing to show. */
export type ChartOf = (alertId: string) => Promise<ChartValues | undefined>;

/** What a chart shows, in one sentence for those who do not see it; `undefined`: it has no values. */
export function captionOf(
  notice: Notice,
  { points, threshold }: ChartValues,
  zone = 'UTC',
): string | undefined {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const [first, last] = [points[0], points.at(-1)];
  if (values.length === 0 || !first || !last) return undefined;
  const time = (at: number) => localTime(new Date(at).toISOString(), zone);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const said = (value: number) => inUnit(value, notice);
  const range = least === most ? `was ${said(most)}` : `was between ${said(least)} and ${said(most)}`;
  const level = threshold === null ? '' : `; the threshold is ${said(threshold)}`;
  return `From ${time(first.at)} to ${time(last.at)}, ${notice.metric} ${range}${level}.`;
}
