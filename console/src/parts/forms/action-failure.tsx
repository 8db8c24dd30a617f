import type { ReactNode } from 'react';
import { ApiFailure } from '../../api/failure.ts';
import { words } from '../../words/parts.ts';
import { Status } from '../status.tsx';
import styles from './forms.module.css';

/** Why something was not done: the reason, the fields at fault, and the id of the request. */
export function ActionFailure({ error }: { error: Error | null }): ReactNode {
  if (error === null) return null;
  const failure = error instanceof ApiFailure ? error : undefined;
  return (
    <div className={styles.failure} role="alert">
      <Status level="critical">{words.failedAction}</Status>
      <p>{error.message}</p>
      {failure?.problem.errors?.map(({ path, message }) => (
        <p key={`${path} ${message}`}>
          <code>{path}</code> {message}
        </p>
      ))}
      {failure?.requestId !== undefined && (
        <p className={styles.hint}>{words.requestId(failure.requestId)}</p>
      )}
    </div>
  );
}
