import type { ReactNode } from 'react';
import { Status } from '../parts/status.tsx';
import { words } from '../words/alerts.ts';
import type { Alert } from './alert.ts';

/** How bad an alert is, as shape, word and colour. */
export function Severity({ of }: { of: Alert['severity'] }): ReactNode {
  return <Status level={of}>{words.severities[of]}</Status>;
}

/** Where an alert stands. */
export function Workflow({ of }: { of: Alert['workflow'] }): ReactNode {
  return (
    <Status level={of === 'open' ? 'critical' : of === 'acknowledged' ? 'info' : 'good'}>
      {words.workflows[of]}
    </Status>
  );
}
