import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ago } from '../../numbers/ago.ts';
import { date, dateAndTime, exactMoment } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { useNow } from '../../question/now.ts';
import { words } from '../../words/settings/me.ts';
import { browserOf } from './browser.ts';
import { endOtherSessions, endSession, type LoginSession, mySessions } from './queries.ts';

/** The browsers that we are signed in with. */
export function Sessions({ timeZone }: { timeZone: string }): ReactNode {
  const answer = useQuery(mySessions);
  const { now } = useNow();
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: mySessions.queryKey });
  const end = useMutation({ mutationFn: endSession, onSettled });
  const endOthers = useMutation({ mutationFn: endOtherSessions, onSettled });
  const others = answer.data?.sessions.filter(({ current }) => !current) ?? [];
  const actions = others.length > 0 && (
    <Button disabled={endOthers.isPending} onClick={() => endOthers.mutate()}>
      {words.sessions.endOthers}
    </Button>
  );
  return (
    <Panel
      {...{ title: words.sessions.title, note: words.sessions.note, answer, height: 100 }}
      actions={actions || undefined}
    >
      {({ sessions }) => (
        <>
          <ActionFailure error={end.error ?? endOthers.error} />
          {endOthers.data !== undefined && (
            <p role="status">
              <Status level="good">{words.sessions.ended(endOthers.data.ended)}</Status>
            </p>
          )}
          {sessions.length === 0 ? (
            <Empty title={words.sessions.none}>{words.sessions.noneText}</Empty>
          ) : (
            <DataTable
              caption={words.sessions.title}
              columns={columnsAt({ now, timeZone, onEnd: end.mutate })}
              rows={sessions}
              keyOf={({ id }) => id}
            />
          )}
        </>
      )}
    </Panel>
  );
}

interface ColumnOptions {
  now: number;
  timeZone: string;
  onEnd: (id: string) => void;
}

function columnsAt({ now, timeZone, onEnd }: ColumnOptions): Column<LoginSession>[] {
  const { columns } = words.sessions;
  const moment = (at: string, text: string) => (
    <time dateTime={at} title={exactMoment(at, timeZone)}>
      {text}
    </time>
  );
  return [
    {
      ...{ id: 'browser', title: columns.browser },
      cell: ({ userAgent, address }) => (
        <span title={[userAgent, address].filter(Boolean).join('\n')}>
          {userAgent === null ? words.sessions.unknownBrowser : browserOf(userAgent)}
        </span>
      ),
    },
    { ...{ id: 'via', title: columns.via }, cell: ({ via }) => words.ways[via] },
    {
      ...{ id: 'created', title: columns.created },
      cell: ({ createdAt }) => moment(createdAt, dateAndTime(createdAt, timeZone)),
    },
    {
      ...{ id: 'seen', title: columns.seen },
      cell: ({ lastSeenAt }) => moment(lastSeenAt, ago(lastSeenAt, now)),
    },
    {
      ...{ id: 'ends', title: columns.ends },
      cell: ({ expiresAt }) => moment(expiresAt, date(expiresAt, timeZone)),
    },
    {
      ...{ id: 'actions', title: columns.actions },
      cell: ({ id, current }) =>
        current ? (
          <Status level="good">{words.sessions.current}</Status>
        ) : (
          <Button onClick={() => onEnd(id)}>{words.sessions.end}</Button>
        ),
    },
  ];
}
