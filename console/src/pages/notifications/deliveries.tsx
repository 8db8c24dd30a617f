import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { recipientText } from '../../alerting/alert.ts';
import { Severity } from '../../alerting/severity.tsx';
import { dateAndTime, exactMoment } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { Select } from '../../parts/forms/choice.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Level, Status } from '../../parts/status.tsx';
import { useSetSearch } from '../../question/question.ts';
import { keepShared } from '../../shell/keys.ts';
import { words } from '../../words/notifications.ts';
import { channels, statuses } from './names.ts';
import styles from './notifications.module.css';
import { type Delivery, type DeliveryFilter, deliveries, replay } from './queries.ts';

interface DeliveriesProps extends DeliveryFilter {
  org: string;
  timeZone: string;
  mayWrite: boolean;
}

/** What became of each notice. */
export function Deliveries({ org, status, channel, timeZone, mayWrite }: DeliveriesProps): ReactNode {
  const { deliveries: text } = words;
  const answer = useInfiniteQuery(deliveries(org, { status, channel }));
  const rows = answer.data?.pages.flatMap((page) => page.deliveries) ?? [];
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: replay,
    onSuccess: () => client.invalidateQueries({ queryKey: ['deliveries'] }),
  });
  const mayReplay = mayWrite && rows.some((row) => row.status === 'dead');
  const columns = columnsFor(timeZone, mayReplay ? (id) => again.mutate(id) : undefined);
  const isFiltered = status !== undefined || channel !== undefined;
  return (
    <Panel
      title={text.title}
      note={text.note}
      answer={answer}
      height={240}
      actions={<Filters status={status} channel={channel} />}
    >
      {() => (
        <>
          <ActionFailure error={again.error} />
          {rows.length === 0 ? (
            <Empty title={isFiltered ? text.noneSuch : text.none}>
              {isFiltered ? text.noneSuchText : text.noneText}
            </Empty>
          ) : (
            <DataTable {...{ caption: text.title, columns, rows }} keyOf={({ id }) => id} />
          )}
          <MoreButton of={answer} />
        </>
      )}
    </Panel>
  );
}

function Filters({ status, channel }: DeliveryFilter): ReactNode {
  const setSearch = useSetSearch();
  const { deliveries: text } = words;
  const chosen = (choice: string) => (choice === 'all' ? undefined : choice);
  return (
    <div className={styles.filters}>
      <Select
        {...{ label: text.state, choices: ['all', ...statuses], chosen: status ?? 'all' }}
        textOf={(choice) => (choice === 'all' ? text.all : text.statuses[choice])}
        onChoose={(choice) => setSearch({ status: chosen(choice) })}
      />
      <Select
        {...{ label: text.channel, choices: ['all', ...channels], chosen: channel ?? 'all' }}
        textOf={(choice) => (choice === 'all' ? text.allChannels : words.channels[choice])}
        onChoose={(choice) => setSearch({ channel: chosen(choice) })}
      />
    </div>
  );
}

const levels: Record<Delivery['status'], Level> = {
  ...{ waiting: 'info', leased: 'info', sent: 'good', dead: 'critical' },
  ...{ cancelled: 'unknown', expanded: 'unknown' },
};

function columnsFor(timeZone: string, onReplay: ((id: string) => void) | undefined): Column<Delivery>[] {
  const { columns, replay: replayWord } = words.deliveries;
  return [
    {
      ...{ id: 'at', title: columns.at },
      cell: ({ detectedAt }) => (
        <time dateTime={detectedAt} title={exactMoment(detectedAt, timeZone)}>
          {dateAndTime(detectedAt, timeZone)}
        </time>
      ),
    },
    { ...{ id: 'what', title: columns.what }, cell: (delivery) => <What of={delivery} /> },
    { ...{ id: 'severity', title: columns.severity }, cell: ({ severity }) => <Severity of={severity} /> },
    { ...{ id: 'channel', title: columns.channel }, cell: ({ channel }) => words.channels[channel] },
    { ...{ id: 'to', title: columns.to }, cell: ({ recipient }) => recipientText(recipient) },
    { ...{ id: 'state', title: columns.state }, cell: (delivery) => <State of={delivery} /> },
    { ...{ id: 'org', title: columns.org }, cell: ({ orgId }) => orgId ?? words.allOrgs },
    ...(onReplay === undefined
      ? []
      : [
          {
            ...{ id: 'actions', title: columns.actions },
            cell: ({ id, status }: Delivery) =>
              status === 'dead' ? <Button onClick={() => onReplay(id)}>{replayWord}</Button> : null,
          },
        ]),
  ];
}

function What({ of: { kind, alertId } }: { of: Delivery }): ReactNode {
  const kinds: Readonly<Record<string, string>> = words.inbox.kinds;
  const text = kinds[kind] ?? kind;
  if (alertId === null) return text;
  return (
    <Link to={`/alerts/${alertId}`} search={keepShared}>
      {text}
    </Link>
  );
}

/** The outcome, and the reason for one that is not good. */
function State({ of: { status, failure, attempts, ambiguous } }: { of: Delivery }): ReactNode {
  const { deliveries: text } = words;
  const details = [
    ambiguous ? text.ambiguous : undefined,
    failure,
    attempts > 1 ? text.attempts(attempts) : undefined,
  ].filter(Boolean);
  return (
    <span className={styles.state} title={text.statusHints[status]}>
      <Status level={levels[status]}>{text.statuses[status]}</Status>
      {details.length > 0 && <small>{details.join('; ')}</small>}
    </span>
  );
}
