import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { ActedBar } from '../../alerting/acted-bar.tsx';
import { useAct } from '../../alerting/actions.ts';
import { type AlertDetail, groupText, measuredText } from '../../alerting/alert.ts';
import { NoteDialog } from '../../alerting/note-dialog.tsx';
import { alertDetail, REFRESH_EVERY } from '../../alerting/queries.ts';
import { Severity, Workflow } from '../../alerting/severity.tsx';
import { useMay } from '../../api/may.ts';
import { dateAndTime, exactMoment } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useQuestion } from '../../question/question.ts';
import { keepShared } from '../../shell/keys.ts';
import { words } from '../../words/alerts.ts';
import { useActionKeys } from './action-keys.ts';
import styles from './alert.module.css';
import { Evidence } from './evidence.tsx';
import { Links } from './links.tsx';
import { Recipients } from './recipients.tsx';
import { SnoozeAlert } from './snooze.tsx';
import { Timeline } from './timeline.tsx';

/** One alert: what fired, why, who knows, and where to look next. */
export function AlertPage(): ReactNode {
  const { id = '' } = useParams({ strict: false });
  const { timeZone } = useQuestion();
  const answer = useQuery({ ...alertDetail(id), refetchInterval: REFRESH_EVERY });
  const acting = useAct();
  return (
    <>
      <p className={styles.back}>
        <Link to="/alerts" search={keepShared}>
          ← {words.alert.back}
        </Link>
      </p>
      <ActedBar acting={acting} />
      <Panel
        title={answer.data === undefined ? words.columns.alert : titleOf(answer.data)}
        answer={answer}
        height={130}
      >
        {(alert) => <Head {...{ alert, timeZone, acting }} />}
      </Panel>
      <Evidence id={id} timeZone={timeZone} />
      <div className={styles.halves}>
        <Timeline id={id} timeZone={timeZone} />
        <div className={styles.stack}>
          <Recipients id={id} answer={answer} timeZone={timeZone} />
          {answer.data !== undefined && <Links alert={answer.data} />}
        </div>
      </div>
    </>
  );
}

function titleOf({ name, group }: AlertDetail): string {
  return [name, groupText(group)].filter(Boolean).join(' · ');
}

interface HeadProps {
  alert: AlertDetail;
  timeZone: string;
  acting: ReturnType<typeof useAct>;
}

/** Where the alert stands, and what can be done. */
function Head({ alert, timeZone, acting }: HeadProps): ReactNode {
  const { id, severity, workflow } = alert;
  const [asking, setAsking] = useState<'acknowledge' | 'resolve'>();
  const mayWrite = useMay('alerts:write');
  const mayAct = mayWrite && workflow !== 'resolved';
  const mayAcknowledge = mayAct && workflow === 'open';
  const act = (action: 'acknowledge' | 'resolve' | 'unacknowledge', note = '') => {
    acting.mutate({ action, ids: [id], note });
    setAsking(undefined);
  };
  useActionKeys({
    a: mayAcknowledge ? () => act('acknowledge') : undefined,
    r: mayAct ? () => setAsking('resolve') : undefined,
  });
  useEffect(() => {
    document.title = titleOf(alert);
  }, [alert]);
  return (
    <>
      <p className={styles.states}>
        <Severity of={severity} />
        <Workflow of={workflow} />
      </p>
      <Facts alert={alert} timeZone={timeZone} />
      {mayAct && (
        <div className={styles.actions}>
          {mayAcknowledge && (
            <>
              <Button kind="primary" onClick={() => act('acknowledge')}>
                {words.actions.acknowledge} <kbd>a</kbd>
              </Button>
              <Button onClick={() => setAsking('acknowledge')}>{words.withNote}</Button>
            </>
          )}
          {workflow === 'acknowledged' && (
            <Button onClick={() => act('unacknowledge')}>{words.actions.unacknowledge}</Button>
          )}
          <Button onClick={() => setAsking('resolve')}>
            {words.actions.resolve} <kbd>r</kbd>
          </Button>
          <SnoozeAlert alert={alert} timeZone={timeZone} />
        </div>
      )}
      {asking !== undefined && (
        <NoteDialog
          {...{ action: asking, count: 1, onClose: () => setAsking(undefined) }}
          onDone={(note) => act(asking, note)}
        />
      )}
    </>
  );
}

function Facts({ alert, timeZone }: { alert: AlertDetail; timeZone: string }): ReactNode {
  const { facts } = words.alert;
  const moment = (at: string, actor: string | null = null) => (
    <>
      <time dateTime={at} title={exactMoment(at, timeZone)}>
        {dateAndTime(at, timeZone)}
      </time>
      {actor !== null && ` ${facts.by(actor)}`}
    </>
  );
  const rows: [string, ReactNode][] = [
    [
      facts.value,
      `${measuredText(alert.valueText, alert.value)} ${words.against(measuredText(alert.thresholdText, alert.threshold))}`,
    ],
    [facts.reason, alert.evidence.reason.replaceAll('_', ' ')],
    [facts.samples, alert.samples],
    [facts.since, moment(alert.triggeredAt)],
    ...(alert.acknowledgedAt === null
      ? []
      : [
          [words.workflows.acknowledged, moment(alert.acknowledgedAt, alert.acknowledgedBy)] as [
            string,
            ReactNode,
          ],
        ]),
    ...(alert.resolvedAt === null
      ? []
      : [[facts.resolved, moment(alert.resolvedAt, alert.resolvedBy)] as [string, ReactNode]]),
    ...(alert.note === null ? [] : [[facts.note, alert.note] as [string, ReactNode]]),
    [facts.org, alert.allOrgs ? facts.allOrgs : (alert.orgId ?? '–')],
  ];
  return (
    <dl className={styles.facts}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
