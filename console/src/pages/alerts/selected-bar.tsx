import type { ReactNode } from 'react';
import type { Tab } from '../../alerting/queries.ts';
import { Button } from '../../parts/button.tsx';
import { words } from '../../words/alerts.ts';
import styles from './alerts.module.css';
import type { ListActing } from './list-acting.ts';

interface SelectedBarProps {
  tab: Tab;
  ids: readonly string[];
  acting: ListActing;
}

/** How many alerts are selected, and what can be done to them. */
export function SelectedBar({ tab, ids, acting }: SelectedBarProps): ReactNode {
  return (
    <div className={styles.selected}>
      <span aria-live="polite">{words.selected(ids.length)}</span>
      <Button disabled={ids.length === 0 || tab === 'acknowledged'} onClick={() => acting.acknowledge(ids)}>
        {words.actions.acknowledge} <kbd>a</kbd>
      </Button>
      <Button disabled={ids.length === 0} onClick={() => acting.askToResolve(ids)}>
        {words.actions.resolve} <kbd>r</kbd>
      </Button>
      <span className={styles.hint}>{words.keysHint}</span>
    </div>
  );
}
