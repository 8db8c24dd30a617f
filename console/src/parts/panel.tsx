import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useId } from 'react';
import { words } from '../words/shell.ts';
import { FailurePanel } from './failure-panel.tsx';
import styles from './panel.module.css';

interface PanelProps<Data> {
  title: string;
  /** The answer that the panel shows. */
  answer: UseQueryResult<Data>;
  /** Shows the answer. */
  children: (data: Data) => ReactNode;
  /** Controls on the right of the title. */
  actions?: ReactNode;
  /** A sentence below the title. */
  note?: ReactNode;
  /** About the height of its content, so that little moves when the answer comes. */
  height?: number;
}

/**
 * A part of a page with one answer. A skeleton holds its place while the first answer loads. Later answers replace the old one,
 * which stays visible until then, also if the new one fails.
 */
export function Panel<Data>(props: PanelProps<Data>): ReactNode {
  const { title, answer, children, actions, note, height = 120 } = props;
  const headingId = useId();
  const { data, error, isPending, isPlaceholderData } = answer;
  return (
    <section className={styles.panel} aria-labelledby={headingId} aria-busy={isPending}>
      <header className={styles.header}>
        <h2 id={headingId}>{title}</h2>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {note !== undefined && <p className={styles.note}>{note}</p>}
      {error !== null && (
        <FailurePanel
          error={error}
          onRetry={() => void answer.refetch()}
          isRetrying={answer.isFetching}
          isOlderShown={data !== undefined}
        />
      )}
      {isPending && <Skeleton height={height} />}
      {data !== undefined && (
        <div className={`${styles.content} ${isPlaceholderData ? styles.older : ''}`}>{children(data)}</div>
      )}
    </section>
  );
}

/** Holds a place until its content is there. */
export function Skeleton({ height }: { height: number | string }): ReactNode {
  return (
    <div className={styles.skeleton} style={{ blockSize: height }}>
      <span className="hidden-text">{words.loading}</span>
    </div>
  );
}
