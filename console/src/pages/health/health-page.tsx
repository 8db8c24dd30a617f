import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { exactCount } from '../../numbers/count.ts';
import { duration } from '../../numbers/duration.ts';
import { percent } from '../../numbers/percent.ts';
import { Facts } from '../../parts/figures/facts.tsx';
import { Count, Duration, Share } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Level, Status } from '../../parts/status.tsx';
import { useQuestion } from '../../question/question.ts';
import { RunbookLink } from '../../shell/runbook-link.tsx';
import { words } from '../../words/health.ts';
import { DatabasePanel } from './database-panel.tsx';
import styles from './health.module.css';
import { PipelinePanel } from './pipeline-panel.tsx';
import { type Health, healthOverview } from './queries.ts';
import { ReconciliationPanel } from './reconciliation-panel.tsx';
import { RoutesPanel } from './routes-panel.tsx';

const levels: Record<Health['status'], Level> = { ok: 'good', degraded: 'warning', down: 'critical' };

/** Whether the platform and this service are well, and why not. */
export function HealthPage(): ReactNode {
  const question = useQuestion();
  const answer = useQuery(healthOverview(question));
  return (
    <>
      <Panel title={words.verdict} answer={answer} height={110}>
        {(health) => <Verdict health={health} />}
      </Panel>
      <RoutesPanel question={question} />
      <PipelinePanel />
      <DatabasePanel />
      <ReconciliationPanel timeZone={question.timeZone} />
    </>
  );
}

function Verdict({ health: { status, reasons, platform, service } }: { health: Health }): ReactNode {
  const { rollupLagSeconds, uptimeSeconds, processes, unreachable, queryMs } = service;
  return (
    <div className={styles.stack}>
      <p className={styles.verdict}>
        <Status level={levels[status]}>{words[status]}</Status>
      </p>
      {reasons.length === 0 ? (
        <p className={styles.quiet}>{words.noReason}</p>
      ) : (
        <ul className={styles.stack}>
          {reasons.map((reason) => (
            <li key={JSON.stringify(reason)} title={reason.code}>
              <Status level={levels[reason.status]}>{reason.message}</Status>
              <p className={styles.quiet}>
                {words.todo[reason.code]} <RunbookLink about={reason.code} />
              </p>
            </li>
          ))}
        </ul>
      )}
      <Facts
        facts={{
          [words.requests]: <Count of={platform.requests} />,
          [words.errors]: <Share of={platform.errorRate} />,
          [words.p95]: <Duration ms={platform.latencyMs.p95} />,
          [words.lag]: duration(rollupLagSeconds === null ? null : rollupLagSeconds * 1_000),
          [words.processes]: exactCount(processes),
          [words.unreachable]: unreachable.join(', ') || words.none,
          [words.uptime]: duration(uptimeSeconds === null ? null : uptimeSeconds * 1_000),
          [words.query]: <Duration ms={queryMs.p95} />,
          [words.serviceErrors]: percent(service.errorRate),
          [words.serviceP95]: <Duration ms={service.latencyMs.p95} />,
        }}
      />
    </div>
  );
}
