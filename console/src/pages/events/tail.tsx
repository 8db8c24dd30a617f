import type { ReactNode } from 'react';
import { Button, Choices } from '../../parts/button.tsx';
import { type Question, useSetSearch } from '../../question/question.ts';
import { words } from '../../words/events.ts';
import styles from './events.module.css';

interface TailProps {
  question: Question;
  isPaused: boolean;
  onNewest: () => void;
}

const states = ['on', 'off'] as const;

/** Whether new events appear by themselves. It is the "Live" of the page, so a link keeps it. */
export function Tail({ question: { range, isLive }, isPaused, onNewest }: TailProps): ReactNode {
  const setSearch = useSetSearch();
  if (!range.isMoving) return <span className={styles.quiet}>{words.tailOver}</span>;
  if (isPaused) {
    return (
      <>
        <span className={styles.quiet}>{words.tailPaused}</span>
        <Button onClick={onNewest}>{words.toNewest}</Button>
      </>
    );
  }
  return (
    <>
      <span className={styles.quiet}>{isLive ? words.tailRuns : words.tailOff}</span>
      <Choices
        label={words.tail.label}
        choices={states}
        chosen={isLive ? 'on' : 'off'}
        textOf={(state) => words.tail[state]}
        onChoose={(state) => setSearch({ live: state === 'off' ? 'off' : undefined }, { replace: true })}
      />
    </>
  );
}
