import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiFailure } from '../api/failure.ts';
import { Button, buttonClass } from '../parts/button.tsx';
import { Empty } from '../parts/empty.tsx';
import { FailurePanel } from '../parts/failure-panel.tsx';
import { words } from '../words/shell.ts';

/** What stands in the place of a page that failed. */
export function PageFailure({ error, reset }: ErrorComponentProps): ReactNode {
  if (error instanceof ApiFailure) return <FailurePanel error={error} onRetry={reset} />;
  return (
    <Empty
      title={words.failure.page}
      action={<Button onClick={() => location.reload()}>{words.failure.reload}</Button>}
    >
      {words.failure.pageHint} ({String(error)})
    </Empty>
  );
}

export function NotFound(): ReactNode {
  return (
    <Empty
      title={words.notFound.title}
      action={
        <Link to="/" className={buttonClass}>
          {words.notFound.back}
        </Link>
      }
    />
  );
}
