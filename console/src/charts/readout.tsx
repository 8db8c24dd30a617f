import { Fragment, type ReactNode } from 'react';
import { words } from '../words/chart.ts';
import styles from './chart.module.css';
import { type ChartData, endOfBucket, totals } from './chart-data.ts';
import { Swatch } from './legend.tsx';
import { bucketText } from './ticks.ts';

interface ReadoutProps {
  data: ChartData;
  index: number;
  timeZone: string;
  format: (value: number) => string;
  /** Pixels from the left of the chart. */
  left: number;
}

/** The values of the bucket under the cursor, the largest first. */
export function Readout({ data, index, timeZone, format, left }: ReadoutProps): ReactNode {
  const shown = data.series
    .flatMap((series) => {
      const value = series.values[index];
      return value == null ? [] : [{ series, value }];
    })
    .sort(
      (one, other) =>
        Number(one.series.isComparison ?? false) - Number(other.series.isComparison ?? false) ||
        other.value - one.value,
    );
  const stacked = data.series.filter(({ isComparison }) => !isComparison).length;
  const total = totals(data)[index];
  const isLeft = index < data.buckets.length / 2;
  return (
    <div
      className={styles.readout}
      aria-hidden="true"
      style={isLeft ? { left: left + 12 } : { right: `calc(100% - ${left - 12}px)` }}
    >
      <h4>
        {bucketText(data.buckets[index] ?? 0, endOfBucket(data, index), timeZone)}
        {data.partial[index] && ` (${words.incomplete})`}
      </h4>
      <dl>
        {shown.map(({ series, value }) => (
          <Fragment key={series.id}>
            <Swatch series={series} />
            <dt>{series.label}</dt>
            <dd>{format(value)}</dd>
          </Fragment>
        ))}
        {stacked > 1 && data.isAdditive !== false && total != null && (
          <>
            <span />
            <dt className={styles.total}>{words.total}</dt>
            <dd className={styles.total}>{format(total)}</dd>
          </>
        )}
      </dl>
    </div>
  );
}
