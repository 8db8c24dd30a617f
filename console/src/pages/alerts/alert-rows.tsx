import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import {
  type Alert,
  byRule,
  groupText,
  measuredText,
  recipientsOf,
  recipientText,
  type Told,
} from '../../alerting/alert.ts';
import { alertDetail } from '../../alerting/queries.ts';
import { Severity, Workflow } from '../../alerting/severity.tsx';
import { duration } from '../../numbers/duration.ts';
import { dateAndTime, exactMoment } from '../../numbers/moment.ts';
import { useNow } from '../../question/now.ts';
import { keepShared } from '../../shell/keys.ts';
import { words } from '../../words/alerts.ts';
import styles from './alerts.module.css';
import type { Selection } from './selection.ts';

interface RowsProps {
  alerts: readonly Alert[];
  timeZone: string;
  /** Missing where nothing can be done to the alerts. */
  selection: Selection | undefined;
  isStateShown: boolean;
}

/** Alerts by rule. On a phone each is a card. */
export function AlertRows(props: RowsProps): ReactNode {
  const { alerts, selection, isStateShown } = props;
  const groups = useMemo(() => byRule(alerts), [alerts]);
  const { columns } = words;
  const width = 5 + Number(selection !== undefined) + Number(isStateShown);
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          {selection !== undefined && (
            <th scope="col">
              <span className="hidden-text">{columns.select}</span>
            </th>
          )}
          <th scope="col">{columns.alert}</th>
          <th scope="col">{columns.severity}</th>
          {isStateShown && <th scope="col">{columns.state}</th>}
          <th scope="col">{columns.value}</th>
          <th scope="col">{columns.since}</th>
          <th scope="col">{columns.told}</th>
        </tr>
      </thead>
      {groups.map((group) => (
        <tbody key={group.configId}>
          <RuleRow {...{ ...group, selection, width }} />
          {group.alerts.map((alert) => (
            <AlertRow key={alert.id} alert={alert} {...props} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

interface RuleRowProps {
  configId: string;
  name: string;
  alerts: readonly Alert[];
  selection: Selection | undefined;
  width: number;
}

function RuleRow({ configId, name, alerts, selection, width }: RuleRowProps): ReactNode {
  const ids = alerts.map(({ id }) => id);
  const chosen = ids.filter((id) => selection?.has(id));
  return (
    <tr className={styles.rule}>
      {selection !== undefined && (
        <td className={styles.box}>
          <input
            type="checkbox"
            aria-label={words.selectRule(name)}
            checked={chosen.length === ids.length}
            ref={(box) => {
              if (box !== null) box.indeterminate = chosen.length > 0 && chosen.length < ids.length;
            }}
            onChange={(event) => selection.set(ids, event.target.checked)}
          />
        </td>
      )}
      <th scope="rowgroup" colSpan={width - Number(selection !== undefined)}>
        <Link to={`/rules/${configId}`} search={keepShared}>
          {name}
        </Link>{' '}
        <span className={styles.quiet}>{words.count(alerts.length)}</span>
      </th>
    </tr>
  );
}

function AlertRow({ alert, timeZone, selection, isStateShown }: RowsProps & { alert: Alert }): ReactNode {
  const { id, name, group, severity, workflow, value, valueText, threshold, thresholdText, triggeredAt } =
    alert;
  const text = groupText(group) || words.wholeRule;
  return (
    <tr data-alert={id} className={styles.row}>
      {selection !== undefined && (
        <td className={styles.box}>
          <input
            type="checkbox"
            aria-label={words.select(`${name} ${groupText(group)}`)}
            checked={selection.has(id)}
            onChange={(event) => selection.set([id], event.target.checked)}
          />
        </td>
      )}
      <th scope="row">
        <Link to={`/alerts/${id}`} search={keepShared}>
          {text}
        </Link>
      </th>
      <td>
        <Severity of={severity} />
      </td>
      {isStateShown && (
        <td>
          <Workflow of={workflow} />
        </td>
      )}
      <td>
        <strong className="number">{measuredText(valueText, value)}</strong>{' '}
        <span className={styles.quiet}>{words.against(measuredText(thresholdText, threshold))}</span>
      </td>
      <td>
        <time dateTime={triggeredAt} title={exactMoment(triggeredAt, timeZone)}>
          {dateAndTime(triggeredAt, timeZone)}
        </time>{' '}
        <span className={styles.quiet}>
          <Lasting alert={alert} />
        </span>
      </td>
      <td>
        <span className={styles.label}>{words.columns.told} </span>
        <ToldOf id={id} />
      </td>
    </tr>
  );
}

const MINUTE = 60_000;

function Lasting({ alert: { triggeredAt, resolvedAt } }: { alert: Alert }): ReactNode {
  const { now } = useNow();
  const end = resolvedAt === null ? Math.max(now, Date.parse(triggeredAt)) : Date.parse(resolvedAt);
  const length = Math.floor((end - Date.parse(triggeredAt)) / MINUTE) * MINUTE;
  const text = duration(Math.max(length, MINUTE));
  return resolvedAt === null ? words.sinceFor(text) : words.lasted(text);
}

/** Who was told of an alert. The lists of the API do not have it, so it is asked for when somebody wants to know. */
function ToldOf({ id }: { id: string }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const { data, isError } = useQuery({ ...alertDetail(id), enabled: isOpen });
  if (data === undefined && !isOpen) {
    return (
      <button type="button" className={styles.ask} onClick={() => setOpen(true)}>
        {words.told.ask}
      </button>
    );
  }
  return (
    <span aria-live="polite">
      {data === undefined ? (
        <span className={styles.quiet}>{isError ? '–' : '…'}</span>
      ) : (
        <Recipients told={data.told} />
      )}
    </span>
  );
}

function Recipients({ told }: { told: readonly Told[] }): ReactNode {
  const [first, ...others] = recipientsOf(told).map(recipientText);
  const dead = told.filter(({ status }) => status === 'dead').length;
  return (
    <span title={[first, ...others].filter(Boolean).join('\n') || undefined}>
      {first ?? <span className={styles.quiet}>{words.told.none}</span>}{' '}
      {others.length > 0 && <span className={styles.quiet}>{words.told.more(others.length)}</span>}
      {dead > 0 && <span className={styles.bad}> {words.told.failed(dead)}</span>}
    </span>
  );
}
