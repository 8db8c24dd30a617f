import type { ReactNode } from 'react';
import styles from './chips.module.css';

interface Chip {
  text: string;
  removeLabel: string;
  onRemove: () => void;
}

/** What a page is limited to; each can be taken away. */
export function Chips({ label, chips }: { label: string; chips: readonly Chip[] }): ReactNode {
  if (chips.length === 0) return null;
  return (
    <ul className={styles.chips} aria-label={label}>
      {chips.map(({ text, removeLabel, onRemove }) => (
        <li key={text}>
          {text}
          <button type="button" aria-label={removeLabel} onClick={onRemove}>
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}
