import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { exactCount } from '../../numbers/count.ts';
import { exactMoment, timeOfDay } from '../../numbers/moment.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Panel } from '../../parts/panel.tsx';
import { words } from '../../words/get-started.ts';
import { type Recent, recentIngestion } from './queries.ts';

type Batch = Recent['batches'][number];

const counted = ['requests', 'stored', 'duplicates', 'conflicts', 'rejected', 'skipped'] as const;

/** What became of everything that arrived, by source and format. */
export function Arrived({ org, timeZone }: { org: string; timeZone: string }): ReactNode {
  const answer = useQuery(recentIngestion(org));
  const { columns: titles } = words.arrived;
  const columns: Column<Batch>[] = [
    { ...{ id: 'source', title: titles.source }, cell: ({ source }) => source },
    { ...{ id: 'format', title: titles.format }, cell: ({ format }) => format },
    {
      ...{ id: 'at', title: titles.at },
      cell: ({ at }) => (
        <time dateTime={at} title={exactMoment(at, timeZone)}>
          {timeOfDay(at, timeZone, { seconds: true })}
        </time>
      ),
    },
    ...counted.map((id) => ({
      ...{ id, title: titles[id], isNumber: true },
      cell: (batch: Batch) => exactCount(batch[id]),
    })),
  ];
  return (
    <Panel title={words.arrived.title} note={words.arrived.note} answer={answer} height={80}>
      {({ batches }) =>
        batches.length === 0 ? (
          <Empty title={words.arrived.none}>{words.arrived.noneText}</Empty>
        ) : (
          <DataTable
            {...{ caption: words.arrived.title, columns, rows: batches }}
            keyOf={({ source, format, correlationId, at }) => `${source} ${format} ${correlationId} ${at}`}
          />
        )
      }
    </Panel>
  );
}
