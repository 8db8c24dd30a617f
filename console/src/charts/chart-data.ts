/** One line or one kind of bar of a chart. */
export interface ChartSeries {
  id: string;
  label: string;
  colour: string;
  /** One for each bucket; `null` is a gap. */
  values: readonly (number | null)[];
  /** A series to compare with is dashed and not stacked. */
  isComparison?: boolean;
}

/** What a chart shows. All times are moments in milliseconds. */
export interface ChartData {
  /** The starts of the buckets, as the service computed them. */
  buckets: readonly number[];
  /** The end of the last bucket. */
  end: number;
  /** Buckets that are not over, or that the range cuts. */
  partial: readonly boolean[];
  series: readonly ChartSeries[];
  /** `false`: the series do not add up, as percentiles do not. */
  isAdditive?: boolean;
}

/** The end of a bucket is the start of the next. */
export function endOfBucket({ buckets, end }: ChartData, index: number): number {
  return buckets[index + 1] ?? end;
}

/** The values of all stacked series together, by bucket; `null` where none has a value. */
export function totals({ buckets, series }: ChartData): (number | null)[] {
  const stacked = series.filter(({ isComparison }) => !isComparison);
  return buckets.map((_, index) => {
    const values = stacked.flatMap(({ values }) => values[index] ?? []);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  });
}

/** The tops of stacked bars: each series stands on those before it. Comparisons stand alone. */
export function stackTops(data: ChartData): (readonly (number | null)[])[] {
  const heights = data.buckets.map(() => 0);
  return data.series.map(({ values, isComparison }) => {
    if (isComparison) return values;
    return values.map((value, index) => {
      heights[index] = (heights[index] ?? 0) + (value ?? 0);
      return heights[index];
    });
  });
}

export interface Summary {
  least: number;
  most: number;
  /** Of the last bucket that is complete; of the last at all if none is. */
  last: number;
}

/** The sentence of a chart in numbers; `undefined` if there is no value. */
export function summarise(
  values: readonly (number | null)[],
  partial: readonly boolean[],
): Summary | undefined {
  const known = values.flatMap((value, index) => (value === null ? [] : [{ value, index }]));
  const last = known.findLast(({ index }) => !partial[index]) ?? known.at(-1);
  if (last === undefined) return undefined;
  const numbers = known.map(({ value }) => value);
  return { least: Math.min(...numbers), most: Math.max(...numbers), last: last.value };
}

/** The bucket that a moment is in; the nearest one for a moment outside. */
export function bucketAt({ buckets }: ChartData, moment: number): number {
  let index = 0;
  while (index + 1 < buckets.length && (buckets[index + 1] ?? 0) <= moment) index += 1;
  return index;
}
