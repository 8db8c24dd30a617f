import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { date, exactMoment } from '../../numbers/moment.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Panel } from '../../parts/panel.tsx';
import { words } from '../../words/settings/prices.ts';
import { type Alias, priceAliases } from './queries.ts';

/** Which names are priced as which others. */
export function Aliases({ timeZone }: { timeZone: string }): ReactNode {
  const answer = useQuery(priceAliases);
  const { columns: titles } = words.aliases;
  const columns: Column<Alias>[] = [
    {
      ...{ id: 'from', title: titles.from },
      cell: ({ provider, model }) => `${provider} · ${model ?? words.aliases.any}`,
    },
    {
      ...{ id: 'to', title: titles.to },
      cell: ({ asProvider, asModel }) => `${asProvider} · ${asModel ?? words.aliases.same}`,
    },
    {
      ...{ id: 'changed', title: titles.changed },
      cell: ({ changedAt, changedBy }) => (
        <time
          dateTime={changedAt}
          title={`${exactMoment(changedAt, timeZone)}, ${words.table.by(changedBy)}`}
        >
          {date(changedAt, timeZone, { year: true })}
        </time>
      ),
    },
  ];
  return (
    <Panel title={words.aliases.title} note={words.aliases.note} answer={answer} height={60}>
      {({ aliases }) =>
        aliases.length === 0 ? (
          <Empty title={words.aliases.none}>{words.aliases.noneText}</Empty>
        ) : (
          <DataTable
            {...{ caption: words.aliases.title, columns, rows: aliases }}
            keyOf={({ id }) => String(id)}
          />
        )
      }
    </Panel>
  );
}
