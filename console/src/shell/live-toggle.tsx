import type { ReactNode } from 'react';
import { Button } from '../parts/button.tsx';
import { type Question, useSetSearch } from '../question/question.ts';
import { liveInterval } from '../range/range.ts';
import { words } from '../words/shell.ts';
import styles from './shell.module.css';

/** Whether the page refreshes by itself. A range that is over does not. */
export function LiveToggle({ question: { range, isLive } }: { question: Question }): ReactNode {
  const setSearch = useSetSearch();
  if (!range.isMoving) return null;
  return (
    <Button
      kind="quiet"
      aria-pressed={isLive}
      title={isLive ? words.live.title(liveInterval(range) / 1_000) : words.live.titleOff}
      onClick={() => setSearch({ live: isLive ? 'off' : undefined }, { replace: true })}
    >
      <span className={isLive ? styles.liveOn : styles.liveOff} />
      {words.live.on}
    </Button>
  );
}
