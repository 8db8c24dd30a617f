import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { date, exactMoment } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { words } from '../../words/settings/prices.ts';
import { NewAliasDialog } from './new-alias.tsx';
import { type Alias, modelPrices, priceAliases, removeAlias } from './queries.ts';

/** Which names are priced as which others. */
export function Aliases({ timeZone, mayWrite }: { timeZone: string; mayWrite: boolean }): ReactNode {
  const answer = useQuery(priceAliases);
  const [isAdding, setAdding] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: removeAlias,
    onSuccess: () => client.invalidateQueries({ queryKey: modelPrices.queryKey }),
  });
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
    ...(mayWrite
      ? [
          {
            ...{ id: 'actions', title: words.table.columns.actions },
            cell: ({ id }: Alias) => (
              <Button kind="quiet" disabled={remove.isPending} onClick={() => remove.mutate(id)}>
                {words.table.remove}
              </Button>
            ),
          },
        ]
      : []),
  ];
  const add = mayWrite && <Button onClick={() => setAdding(true)}>{words.aliases.add}</Button>;
  return (
    <Panel title={words.aliases.title} note={words.aliases.note} answer={answer} actions={add} height={60}>
      {({ aliases }) => (
        <>
          <ActionFailure error={remove.error} />
          {aliases.length === 0 ? (
            <Empty title={words.aliases.none}>{words.aliases.noneText}</Empty>
          ) : (
            <DataTable
              {...{ caption: words.aliases.title, columns, rows: aliases }}
              keyOf={({ id }) => String(id)}
            />
          )}
          {isAdding && <NewAliasDialog onClose={() => setAdding(false)} />}
        </>
      )}
    </Panel>
  );
}
