import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { alertExplanation, REFRESH_EVERY } from '../../alerting/queries.ts';
import { dateAndTime, exactMoment } from '../../numbers/moment.ts';
import { Panel } from '../../parts/panel.tsx';
import { words } from '../../words/alerts.ts';
import styles from './alert.module.css';

/** What happened, in order, and why. */
export function Timeline({ id, timeZone }: { id: string; timeZone: string }): ReactNode {
  const answer = useQuery({ ...alertExplanation(id, undefined), refetchInterval: REFRESH_EVERY });
  return (
    <Panel title={words.alert.timeline} answer={answer} height={160}>
      {({ timeline }) => (
        <ol className={styles.timeline}>
          {timeline.map((step) => (
            <li key={`${step.at} ${step.transition}`}>
              <p>
                <strong>{sentence(step.transition)}</strong>{' '}
                <time dateTime={step.at} title={exactMoment(step.at, timeZone)}>
                  {dateAndTime(step.at, timeZone)}
                </time>
              </p>
              <p>{step.because}</p>
              <p className={styles.quiet}>{step.notice}</p>
              {step.deliveries.length > 0 && (
                <ul className={styles.quiet}>
                  {step.deliveries.map((delivery) => (
                    <li key={delivery}>{delivery}</li>
                  ))}
                </ul>
              )}
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

function sentence(name: string): string {
  const text = name.replaceAll('_', ' ');
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
