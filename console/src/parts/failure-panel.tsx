import { type ReactNode, useState } from 'react';
import { ApiFailure } from '../api/failure.ts';
import { words } from '../words/shell.ts';
import { Button } from './button.tsx';
import styles from './failure-panel.module.css';
import { Status } from './status.tsx';

interface FailurePanelProps {
  error: Error;
  onRetry: () => void;
  isRetrying?: boolean;
  /** Whether an older answer is shown below it. */
  isOlderShown?: boolean;
}

/** What failed, in words that somebody else can work with: the endpoint, the reason and the id of the request. */
export function FailurePanel({
  error,
  onRetry,
  isRetrying = false,
  isOlderShown = false,
}: FailurePanelProps): ReactNode {
  const failure = error instanceof ApiFailure ? error : undefined;
  const isForbidden = failure?.status === 403;
  const [isCopied, setCopied] = useState(false);
  const request = failure && `${failure.method} ${failure.path}`;
  const copy = async () => {
    const lines = [request, failure?.status, error.message, failure?.requestId];
    await navigator.clipboard.writeText(lines.filter(Boolean).join('\n'));
    setCopied(true);
  };
  return (
    <div className={styles.failure} role="alert">
      <p className={styles.title}>
        <Status level={isForbidden ? 'unknown' : 'critical'}>
          {isOlderShown ? words.stale : isForbidden ? words.failure.forbidden : words.failure.title}
        </Status>
      </p>
      <p>{failure?.status === 0 ? words.failure.noAnswer : error.message}</p>
      {failure?.problem.errors !== undefined && (
        <ul>
          {failure.problem.errors.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {failure !== undefined && (
        <dl className={styles.details}>
          <dt>{words.failure.request}</dt>
          <dd>
            <code>{request}</code>
          </dd>
          {failure.requestId !== undefined && (
            <>
              <dt>{words.failure.requestId}</dt>
              <dd>
                <code>{failure.requestId}</code>
              </dd>
            </>
          )}
        </dl>
      )}
      <div className={styles.actions}>
        {!isForbidden && (
          <Button onClick={onRetry} disabled={isRetrying}>
            {words.failure.tryAgain}
          </Button>
        )}
        <Button kind="quiet" onClick={() => void copy()}>
          {isCopied ? words.failure.copied : words.failure.copy}
        </Button>
      </div>
    </div>
  );
}
