import type { UseMutationResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from '../parts/button.tsx';
import { FailurePanel } from '../parts/failure-panel.tsx';
import { words } from '../words/alerts.ts';
import type { Act, Acted } from './actions.ts';
import styles from './alerting.module.css';

/** Says what was done to alerts, and takes it back. */
export function ActedBar({ acting }: { acting: UseMutationResult<Acted, Error, Act> }): ReactNode {
  const { data, error, variables, mutate } = acting;
  if (error !== null && variables !== undefined) {
    return <FailurePanel error={error} onRetry={() => mutate(variables)} isRetrying={acting.isPending} />;
  }
  return (
    <div role="status" className={styles.said}>
      {data !== undefined && (
        <div className={styles.bar}>
          <span>{words.acted[data.action](data.done.length)}</span>
          {data.action === 'acknowledge' && data.done.length > 0 && (
            <Button kind="quiet" onClick={() => mutate({ action: 'unacknowledge', ids: data.done })}>
              {words.undo}
            </Button>
          )}
          {data.failed.length > 0 && (
            <ul>
              {data.failed.map(({ id, detail }) => (
                <li key={id}>{words.notActed(id, detail)}</li>
              ))}
            </ul>
          )}
        </div>
      )}
    </div>
  );
}
