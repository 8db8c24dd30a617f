import type { ReactNode } from 'react';
import { changeFrom, changeText } from '../../numbers/percent.ts';
import styles from './change.module.css';

interface ChangeProps {
  before: number | null | undefined;
  now: number | null | undefined;
  /** Whether more is better, worse, or neither. */
  more?: 'good' | 'bad' | 'neutral';
  /** The value before, in words, for the title. */
  title?: string;
}

/** How much a number differs from the time before, with its sign. */
export function Change({ before, now, more = 'neutral', title }: ChangeProps): ReactNode {
  const change = changeFrom(before, now);
  const isMuch = change !== null && Math.abs(change) >= 0.05;
  const isGood = change !== null && more !== 'neutral' && change > 0 === (more === 'good');
  const tone = !isMuch || more === 'neutral' ? styles.neutral : isGood ? styles.good : styles.bad;
  return (
    <span className={`number ${styles.change} ${tone}`} title={title}>
      {changeText(change)}
    </span>
  );
}
