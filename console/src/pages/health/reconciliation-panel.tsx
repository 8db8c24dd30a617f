import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { exactCount } from '../../numbers/count.ts';
import { date, dateAndTime, exactMoment } from '../../numbers/moment.ts';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/figures/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { RunbookLink } from '../../shell/runbook-link.tsx';
import { words } from '../../words/health.ts';
import styles from './health.module.css';
import { lastReconciliation } from './queries.ts';

/** Whether the rollups were those of the raw events when the service last compared them. */
export function ReconciliationPanel({ timeZone }: { timeZone: string }): ReactNode {
  const answer = useQuery(lastReconciliation);
  const { reconciliation: text } = words;
  return (
    <Panel title={text.title} note={text.note} answer={answer} height={80}>
      {({ last }) => {
        if (last === null) return <Empty title={text.none}>{text.noneText}</Empty>;
        const { start, end, endedAt, drifts, rowsCompared, reconciles } = last;
        return (
          <div className={styles.stack}>
            <p className={styles.verdict}>
              <Status level={reconciles ? 'good' : 'critical'}>
                {reconciles ? text.exact : text.differs}
              </Status>
            </p>
            {!reconciles && (
              <p>
                <RunbookLink about="differs" />
              </p>
            )}
            {drifts.map(({ grain, type, count }) => (
              <p key={`${grain} ${type}`}>{text.drift(exactCount(count), grain, type)}</p>
            ))}
            <Facts
              facts={{
                [text.time]: `${date(start, timeZone)} – ${date(Date.parse(end) - 1, timeZone)}`,
                [text.rows]: exactCount(rowsCompared),
                [text.asOf]: (
                  <time dateTime={endedAt} title={exactMoment(endedAt, timeZone)}>
                    {dateAndTime(endedAt, timeZone)}
                  </time>
                ),
              }}
            />
          </div>
        );
      }}
    </Panel>
  );
}
