import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { measuredText } from '../../alerting/alert.ts';
import { dateAndTime, exactMoment } from '../../numbers/moment.ts';
import { Empty } from '../../parts/empty.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { useNow } from '../../question/now.ts';
import type { Question } from '../../question/question.ts';
import { keepShared } from '../../shell/keys.ts';
import { words } from '../../words/overview.ts';
import styles from './overview.module.css';
import { activeAlerts } from './queries.ts';

/** The alerts that fire now, whatever the range of the page is. */
export function ActiveAlerts({ question: { org, timeZone } }: { question: Question }): ReactNode {
  const { now } = useNow();
  const answer = useQuery(activeAlerts(org, now));
  return (
    <Panel title={words.alerts.title} answer={answer} height={200}>
      {({ alerts, next }) =>
        alerts.length === 0 ? (
          <Empty title={words.alerts.none}>{words.alerts.noneText}</Empty>
        ) : (
          <>
            <ul className={styles.list}>
              {alerts.map((alert) => (
                <li key={alert.id}>
                  <Link to={`/alerts/${alert.id}`} search={keepShared} className={styles.wholeLine}>
                    {[alert.name, ...Object.values(alert.group)].join(' · ')}
                  </Link>
                  <Status level={alert.severity}>{words.alerts.severities[alert.severity]}</Status>
                  <time
                    className={styles.quiet}
                    dateTime={alert.triggeredAt}
                    title={exactMoment(alert.triggeredAt, timeZone)}
                  >
                    {words.alerts.since(dateAndTime(alert.triggeredAt, timeZone))}
                  </time>
                  <span className={`${styles.quiet} ${styles.wholeLine}`}>
                    {words.alerts.value(
                      measuredText(alert.valueText, alert.value),
                      measuredText(alert.thresholdText, alert.threshold),
                    )}
                    {alert.workflow === 'acknowledged' && `, ${words.alerts.acknowledged}`}
                  </span>
                </li>
              ))}
            </ul>
            {next !== null && <p className={styles.quiet}>{words.alerts.more(alerts.length)}</p>}
          </>
        )
      }
    </Panel>
  );
}
