import type { ReactNode } from 'react';
import styles from './share-bar.module.css';
import { Share } from './value.tsx';

/** A share as a bar and a number. */
export function ShareBar({ share }: { share: number | null }): ReactNode {
  return (
    <span className={styles.share}>
      <span className={styles.bar}>
        <span style={{ inlineSize: `${Math.min(share ?? 0, 1) * 100}%` }} />
      </span>
      <Share of={share} />
    </span>
  );
}
