import type { ReactNode } from 'react';
import { ALL_ORGS, useQuestion } from '../../question/question.ts';
import { ActiveAlerts } from './active-alerts.tsx';
import { Figures } from './figures.tsx';
import { LargestChanges } from './largest-changes.tsx';
import { LargestOrgs } from './largest-orgs.tsx';
import styles from './overview.module.css';
import { Sections } from './sections.tsx';
import { SpendByModel } from './spend-by-model.tsx';

/** Whether all is well, at a glance. */
export function OverviewPage(): ReactNode {
  const question = useQuestion();
  return (
    <>
      <Figures question={question} />
      <div className={styles.wide}>
        <SpendByModel question={question} />
        <ActiveAlerts question={question} />
      </div>
      <div className={styles.halves}>
        <div className={styles.stack}>
          {question.org === ALL_ORGS && <LargestOrgs timeZone={question.timeZone} />}
          <LargestChanges question={question} />
        </div>
        <Sections question={question} />
      </div>
    </>
  );
}
