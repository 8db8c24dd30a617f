import type { ReactNode } from 'react';
import styles from './chart.module.css';
import type { ChartSeries } from './chart-data.ts';

/** The colour of a series, or its dashes. */
export function Swatch({ series }: { series: Pick<ChartSeries, 'colour' | 'isComparison'> }): ReactNode {
  if (series.isComparison) return <span className={styles.dashed} />;
  return <span className={styles.swatch} style={{ background: series.colour }} />;
}

/** Which colour is which series. */
export function Legend({ series }: { series: readonly ChartSeries[] }): ReactNode {
  return (
    <ul className={styles.legend}>
      {series.map((one) => (
        <li key={one.id}>
          <Swatch series={one} />
          {one.label}
        </li>
      ))}
    </ul>
  );
}
