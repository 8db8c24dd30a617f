import type { ReactNode } from 'react';
import styles from './status.module.css';

/** How good or bad something is. */
export type Level = 'good' | 'info' | 'warning' | 'critical' | 'unknown';

const shapes: Record<Level, ReactNode> = {
  good: <circle cx="6" cy="6" r="4.5" />,
  info: <circle cx="6" cy="6" r="3.75" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  warning: <path d="M6 1 11.500 10.500H.5Z" />,
  critical: <rect x="1.25" y="1.25" width="9.5" height="9.5" rx="1" />,
  unknown: <path d="M2 6h8" stroke="currentColor" strokeWidth="2" />,
};

/** A status as shape, word and colour, so that nobody depends on the colour. */
export function Status({ level, children }: { level: Level; children: ReactNode }): ReactNode {
  return (
    <span className={`${styles.status} ${styles[level]}`}>
      <svg viewBox="0 0 12 12" width="12" height="12" fill="currentColor" aria-hidden="true">
        {shapes[level]}
      </svg>
      <span>{children}</span>
    </span>
  );
}
