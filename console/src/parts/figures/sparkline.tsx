import type { ReactNode } from 'react';
import styles from './sparkline.module.css';

const WIDTH = 200;
const HEIGHT = 36;

/** The course of a number, without axes: the number itself stands beside it. Gaps are gaps. */
export function Sparkline({ values }: { values: readonly (number | null)[] }): ReactNode {
  const most = Math.max(...values.map((value) => value ?? 0));
  const step = WIDTH / Math.max(values.length - 1, 1);
  const place = (value: number, index: number) =>
    `${(index * step).toFixed(1)} ${(HEIGHT - 1.5 - (most === 0 ? 0 : value / most) * (HEIGHT - 3)).toFixed(1)}`;
  const runs = runsOf(values).filter((run) => run.length > 1);
  const line = runs.map((run) => `M${run.map(({ value, index }) => place(value, index)).join('L')}`).join('');
  const area = runs
    .map((run) => {
      const [first, last] = [run.at(0)?.index ?? 0, run.at(-1)?.index ?? 0];
      const top = run.map(({ value, index }) => place(value, index)).join('L');
      return `M${(first * step).toFixed(1)} ${HEIGHT}L${top}L${(last * step).toFixed(1)} ${HEIGHT}Z`;
    })
    .join('');
  return (
    <svg
      className={styles.sparkline}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={area} className={styles.area} />
      <path d={line} className={styles.line} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** The stretches without gaps. */
function runsOf(values: readonly (number | null)[]): { value: number; index: number }[][] {
  const runs: { value: number; index: number }[][] = [[]];
  values.forEach((value, index) => {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push({ value, index });
  });
  return runs;
}
