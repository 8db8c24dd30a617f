import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { date, dateAndTime, exactMoment } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { type Level, Status } from '../../parts/status.tsx';
import { keepShared } from '../../shell/keys.ts';
import { words } from '../../words/silences.ts';
import type { Silence } from './queries.ts';
import styles from './silences.module.css';
import type { Stop } from './stop-dialog.tsx';

interface ColumnOptions {
  timeZone: string;
  isOrgShown: boolean;
  /** `false` for those who may only look. */
  acts: false | Acts;
}

interface Acts {
  onStop: (stop: Stop) => void;
  onChange: (silence: Silence) => void;
}

export function columnsFor({ timeZone, isOrgShown, acts }: ColumnOptions): Column<Silence>[] {
  const { columns } = words;
  return [
    { ...{ id: 'reason', title: columns.reason }, cell: (silence) => <Reason silence={silence} /> },
    {
      ...{ id: 'state', title: columns.state },
      cell: ({ state }) => <Status level={levels[state]}>{words.states[state]}</Status>,
    },
    {
      ...{ id: 'time', title: columns.time },
      cell: (silence) => <Time silence={silence} timeZone={timeZone} />,
    },
    { ...{ id: 'rules', title: columns.rules }, cell: (silence) => <Rules silence={silence} /> },
    ...(isOrgShown
      ? [
          {
            ...{ id: 'org', title: columns.org },
            cell: ({ orgId }: Silence) => orgId ?? words.allOrgs,
          },
        ]
      : []),
    {
      ...{ id: 'by', title: columns.by },
      cell: ({ createdAt, createdBy }) => (
        <time dateTime={createdAt} title={exactMoment(createdAt, timeZone)}>
          {date(createdAt, timeZone)}, {createdBy}
        </time>
      ),
    },
    ...(acts === false
      ? []
      : [
          {
            ...{ id: 'actions', title: columns.actions },
            cell: (silence: Silence) => <Actions silence={silence} {...acts} />,
          },
        ]),
  ];
}

const levels: Record<Silence['state'], Level> = { pending: 'info', active: 'warning', expired: 'unknown' };

/** Why, and for which values and severities. */
function Reason({ silence: { reason, labels, severities } }: { silence: Silence }): ReactNode {
  const only = [
    ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
    ...severities.map((severity) => words.severities[severity]),
  ];
  return (
    <span className={styles.text}>
      {reason}
      {only.length > 0 && <small>{only.join(', ')}</small>}
    </span>
  );
}

/** The time that is under way or comes next, and how it recurs. */
function Time({ silence, timeZone }: { silence: Silence; timeZone: string }): ReactNode {
  const { state, occurrence, recurrence, endsAt } = silence;
  const text = (at: string) => dateAndTime(at, timeZone);
  const at = occurrence?.closesAt ?? endsAt;
  return (
    <span className={styles.text}>
      {occurrence !== null && (
        <time dateTime={occurrence.opensAt} title={at === null ? undefined : exactMoment(at, timeZone)}>
          {state === 'active'
            ? words.until(text(occurrence.closesAt))
            : words.between(text(occurrence.opensAt), text(occurrence.closesAt))}
        </time>
      )}
      {occurrence === null && endsAt !== null && words.ended(text(endsAt))}
      {recurrence !== null && (
        <small>
          {words.recurs(
            recurrence.days.map((day) => words.days[day]).join(' '),
            recurrence.from,
            recurrence.to,
            recurrence.timezone,
          )}
        </small>
      )}
    </span>
  );
}

const MOST_SHOWN = 3;

/** The rules that it can be for, as links. A rule that has gone is not among them. */
function Rules({ silence: { matchingRules, matchingRuleCount } }: { silence: Silence }): ReactNode {
  if (matchingRuleCount === 0) return <Status level="warning">{words.noRule}</Status>;
  const shown = matchingRules.slice(0, MOST_SHOWN);
  const others = matchingRules.slice(MOST_SHOWN).map(({ name }) => name);
  return (
    <span className={styles.text}>
      <span>
        {shown.map(({ id, name }, index) => (
          <Fragment key={id}>
            {index > 0 && ', '}
            <Link to={`/rules/${id}`} search={keepShared}>
              {name}
            </Link>
          </Fragment>
        ))}
      </span>
      {matchingRuleCount > shown.length && (
        <small title={others.join(', ')}>{words.moreRules(matchingRuleCount - shown.length)}</small>
      )}
    </span>
  );
}

function Actions({ silence, onStop, onChange }: Acts & { silence: Silence }): ReactNode {
  return (
    <span className={styles.actions}>
      {silence.state !== 'expired' && <Button onClick={() => onChange(silence)}>{words.change}</Button>}
      {silence.state === 'active' && (
        <Button onClick={() => onStop({ silence, how: 'end' })}>{words.end}</Button>
      )}
      <Button kind="quiet" onClick={() => onStop({ silence, how: 'remove' })}>
        {words.remove}
      </Button>
    </span>
  );
}
