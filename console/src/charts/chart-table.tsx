import type { ReactNode } from 'react';
import { MISSING } from '../numbers/locale.ts';
import { words } from '../words/chart.ts';
import { words as parts } from '../words/parts.ts';
import styles from './chart.module.css';
import { type ChartData, endOfBucket } from './chart-data.ts';
import { bucketText } from './ticks.ts';

interface ChartTableProps {
  data: ChartData;
  timeZone: string;
  format: (value: number) => string;
  caption: string;
}

/** The numbers of a chart. */
export function ChartTable({ data, timeZone, format, caption }: ChartTableProps): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys scroll it.
    <section className={styles.tableBox} tabIndex={0} aria-label={parts.tableOf(caption)}>
      <table className={styles.table}>
        <caption className="hidden-text">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{words.time}</th>
            {data.series.map(({ id, label }) => (
              <th key={id} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.buckets.map((bucket, index) => (
            <tr key={bucket}>
              <th scope="row">
                {bucketText(bucket, endOfBucket(data, index), timeZone)}
                {data.partial[index] && ` (${words.incomplete})`}
              </th>
              {data.series.map(({ id, values }) => (
                <td key={id}>{values[index] == null ? MISSING : format(values[index])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
