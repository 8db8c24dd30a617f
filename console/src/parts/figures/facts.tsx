import type { CSSProperties, ReactNode } from 'react';
import styles from './facts.module.css';

/** More than these in a row leave too little width for their names. */
const MOST_IN_A_ROW = 8;

/** Names with their values, side by side, in rows of the same length where the width allows it. */
export function Facts({ facts }: { facts: Readonly<Record<string, ReactNode>> }): ReactNode {
  const entries = Object.entries(facts);
  const rows = Math.ceil(entries.length / MOST_IN_A_ROW);
  const columns = Math.ceil(entries.length / rows);
  return (
    <dl className={styles.facts} style={{ '--columns': columns } as CSSProperties}>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
