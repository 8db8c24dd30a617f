import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { date } from '../../numbers/moment.ts';
import { shortMoney } from '../../numbers/money.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { RemovalDialog } from '../../parts/forms/removal-dialog.tsx';
import { Panel } from '../../parts/panel.tsx';
import { words } from '../../words/settings/prices.ts';
import { NewMlPriceDialog } from './new-ml-price.tsx';
import { type MlPrice, mlPrices, removeMlPrice } from './queries.ts';

/** What ML jobs cost that do not say it themselves. */
export function MlPrices({ timeZone, mayWrite }: { timeZone: string; mayWrite: boolean }): ReactNode {
  const answer = useQuery(mlPrices);
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<MlPrice>();
  const { ml } = words;
  const add = mayWrite && <Button onClick={() => setAdding(true)}>{words.table.add}</Button>;
  return (
    <Panel title={ml.title} note={ml.note} answer={answer} actions={add} height={80}>
      {({ prices }) => (
        <>
          {prices.length === 0 ? (
            <Empty title={words.table.none}>{ml.noneText}</Empty>
          ) : (
            <DataTable
              {...{ caption: ml.title, rows: prices }}
              columns={columnsOf(timeZone, mayWrite ? setRemoved : undefined)}
              keyOf={({ id }) => String(id)}
            />
          )}
          {isAdding && <NewMlPriceDialog onClose={() => setAdding(false)} />}
          {removed !== undefined && (
            <RemovalDialog
              {...{ title: words.table.removeTitle(removed.provider), text: ml.removeText }}
              {...{ action: words.table.remove, changes: mlPrices.queryKey }}
              remove={() => removeMlPrice(removed.id)}
              onClose={() => setRemoved(undefined)}
            />
          )}
        </>
      )}
    </Panel>
  );
}

function columnsOf(timeZone: string, onRemove: ((price: MlPrice) => void) | undefined): Column<MlPrice>[] {
  const { columns } = words.ml;
  const day = (at: string) => date(at, timeZone, { year: true });
  const amount = (id: 'job' | 'second' | 'input' | 'output', of: (price: MlPrice) => number | null) => ({
    ...{ id, title: columns[id], isNumber: true },
    cell: (price: MlPrice) => {
      const cents = of(price);
      return shortMoney(cents === null ? null : cents / 100);
    },
  });
  return [
    { ...{ id: 'provider', title: columns.provider }, cell: ({ provider }) => provider },
    {
      ...{ id: 'of', title: columns.of },
      cell: ({ pipeline, operation }) => [pipeline ?? words.ml.any, operation].filter(Boolean).join(' · '),
    },
    amount('job', ({ centsPerJob }) => centsPerJob),
    amount('second', ({ centsPerSecond }) => centsPerSecond),
    amount('input', ({ centsPerMillionInputTokens }) => centsPerMillionInputTokens),
    amount('output', ({ centsPerMillionOutputTokens }) => centsPerMillionOutputTokens),
    { ...{ id: 'from', title: words.table.columns.from }, cell: ({ effectiveFrom }) => day(effectiveFrom) },
    {
      ...{ id: 'to', title: words.table.columns.to },
      cell: ({ effectiveTo }) => (effectiveTo === null ? words.table.open : day(effectiveTo)),
    },
    ...(onRemove === undefined
      ? []
      : [
          {
            ...{ id: 'actions', title: words.table.columns.actions },
            cell: (price: MlPrice) => (
              <Button kind="quiet" onClick={() => onRemove(price)}>
                {words.table.remove}
              </Button>
            ),
          },
        ]),
  ];
}
