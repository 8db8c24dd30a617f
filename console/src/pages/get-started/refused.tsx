import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { exactMoment, timeOfDay } from '../../numbers/moment.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { words } from '../../words/get-started.ts';
import styles from './get-started.module.css';
import { type Recent, recentIngestion } from './queries.ts';

interface Row {
  at: string;
  id: string | null;
  isSkipped: boolean;
  reason: string;
  code: string | undefined;
  source: string;
  format: string;
}

/** The last events that do not count, with the reasons. */
export function Refused({ org, timeZone }: { org: string; timeZone: string }): ReactNode {
  const answer = useQuery(recentIngestion(org));
  return (
    <Panel title={words.refused.title} answer={answer} height={80}>
      {(data) => {
        const rows = rowsOf(data);
        if (rows.length === 0) return <Empty title={words.refused.none}>{words.refused.noneText}</Empty>;
        return (
          <DataTable
            caption={words.refused.title}
            columns={columnsIn(timeZone)}
            rows={rows}
            keyOf={({ at, id, reason }) => `${at} ${id} ${reason}`}
          />
        );
      }}
    </Panel>
  );
}

function rowsOf({ refusals, skipped }: Recent): Row[] {
  return [
    ...refusals.map((one) => ({ ...one, isSkipped: false })),
    ...skipped.map((one) => ({ ...one, isSkipped: true, code: undefined })),
  ].sort((one, other) => other.at.localeCompare(one.at));
}

function columnsIn(timeZone: string): Column<Row>[] {
  const { columns } = words.refused;
  return [
    {
      ...{ id: 'at', title: columns.at },
      cell: ({ at }) => (
        <time dateTime={at} title={exactMoment(at, timeZone)}>
          {timeOfDay(at, timeZone, { seconds: true })}
        </time>
      ),
    },
    {
      ...{ id: 'outcome', title: columns.outcome },
      cell: ({ isSkipped }) => (
        <Status level={isSkipped ? 'info' : 'critical'}>
          {isSkipped ? words.refused.skipped : words.refused.rejected}
        </Status>
      ),
    },
    {
      ...{ id: 'reason', title: columns.reason },
      cell: ({ reason, code }) => (
        <span className={styles.reason} title={code}>
          {reason}
        </span>
      ),
    },
    {
      ...{ id: 'id', title: columns.id },
      cell: ({ id }) => (id === null ? words.refused.noId : <code className={styles.id}>{id}</code>),
    },
    { ...{ id: 'source', title: columns.source }, cell: ({ source }) => source },
    { ...{ id: 'format', title: columns.format }, cell: ({ format }) => format },
  ];
}
