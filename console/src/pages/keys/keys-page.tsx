import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ago } from '../../numbers/ago.ts';
import { date, exactMoment } from '../../numbers/moment.ts';
import { Button, Choices } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { RemovalDialog } from '../../parts/forms/removal-dialog.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Level, Status } from '../../parts/status.tsx';
import { useNow } from '../../question/now.ts';
import { usePageSearch } from '../../question/page-search.ts';
import { useQuestion, useSetSearch } from '../../question/question.ts';
import { words } from '../../words/settings/keys.ts';
import { NewKeyDialog } from './new-key.tsx';
import { apiKeys, type Key, revokeKey } from './queries.ts';
import { readKeys } from './search.ts';
import { stateOf } from './state.ts';

/** The keys of programs. */
export function KeysPage(): ReactNode {
  const { org, timeZone } = useQuestion();
  const { now } = useNow();
  const { sort = '-created', show } = usePageSearch(readKeys);
  const setSearch = useSetSearch();
  const answer = useQuery(apiKeys);
  const [open, setOpen] = useState<'new' | Key>();
  const actions = (
    <>
      <Choices
        label={words.shown}
        choices={['active', 'all']}
        chosen={show ?? 'active'}
        textOf={(choice) => (choice === 'all' ? words.showRevoked : words.hideRevoked)}
        onChoose={(choice) => setSearch({ show: choice === 'all' ? 'all' : undefined })}
      />
      <Button kind="primary" onClick={() => setOpen('new')}>
        {words.make}
      </Button>
    </>
  );
  return (
    <>
      <Panel title={words.title} note={words.note} answer={answer} actions={actions} height={200}>
        {({ keys }) => {
          const rows = keys.filter((key) => show === 'all' || stateOf(key, now) === 'active');
          if (rows.length === 0) return <Empty title={words.none}>{words.noneText}</Empty>;
          return (
            <DataTable
              {...{
                caption: words.title,
                columns: columnsAt({ now, timeZone, onRevoke: setOpen }),
                rows,
                sort,
              }}
              keyOf={({ id }) => id}
              onSort={(next) => setSearch({ sort: next })}
            />
          );
        }}
      </Panel>
      {open === 'new' && <NewKeyDialog org={org} onClose={() => setOpen(undefined)} />}
      {open !== undefined && open !== 'new' && (
        <RemovalDialog
          {...{ title: words.revokeTitle(open.name), text: words.revokeText, action: words.revoke }}
          {...{ remove: () => revokeKey(open.id), changes: apiKeys.queryKey }}
          onClose={() => setOpen(undefined)}
        />
      )}
    </>
  );
}

const levels: Record<ReturnType<typeof stateOf>, Level> = {
  active: 'good',
  expired: 'unknown',
  revoked: 'unknown',
};

interface ColumnOptions {
  now: number;
  timeZone: string;
  onRevoke: (key: Key) => void;
}

function columnsAt({ now, timeZone, onRevoke }: ColumnOptions): Column<Key>[] {
  const { columns } = words;
  const moment = (at: string, text: string, more = '') => (
    <time dateTime={at} title={`${exactMoment(at, timeZone)}${more}`}>
      {text}
    </time>
  );
  return [
    { ...{ id: 'name', title: columns.name, sortBy: ({ name }) => name }, cell: ({ name }) => name },
    {
      ...{ id: 'role', title: columns.role, sortBy: ({ role }) => role },
      cell: ({ role }) => <span title={words.roleHints[role]}>{words.roles[role]}</span>,
    },
    {
      ...{ id: 'orgs', title: columns.orgs },
      cell: ({ orgs, role }) => (role === 'admin' ? words.allOrgs : orgs.join(', ')),
    },
    {
      ...{ id: 'created', title: columns.created, sortBy: ({ createdAt }) => createdAt },
      cell: ({ createdAt, createdBy }) =>
        moment(createdAt, date(createdAt, timeZone, { year: true }), `, ${words.by(createdBy)}`),
    },
    {
      ...{ id: 'used', title: columns.used, sortBy: ({ lastUsedAt }) => lastUsedAt },
      cell: ({ lastUsedAt }) =>
        lastUsedAt === null ? words.unused : moment(lastUsedAt, ago(lastUsedAt, now)),
    },
    {
      ...{ id: 'ends', title: columns.ends, sortBy: ({ expiresAt }) => expiresAt },
      cell: ({ expiresAt }) =>
        expiresAt === null ? words.endless : moment(expiresAt, date(expiresAt, timeZone, { year: true })),
    },
    {
      ...{ id: 'state', title: columns.state },
      cell: (key) => <Status level={levels[stateOf(key, now)]}>{words.states[stateOf(key, now)]}</Status>,
    },
    {
      ...{ id: 'actions', title: columns.actions },
      cell: (key) =>
        stateOf(key, now) === 'active' && <Button onClick={() => onRevoke(key)}>{words.revoke}</Button>,
    },
  ];
}
