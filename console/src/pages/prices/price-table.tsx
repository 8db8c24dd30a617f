import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { date, exactMoment } from '../../numbers/moment.ts';
import { exactMoney, shortMoney } from '../../numbers/money.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Value } from '../../parts/figures/value.tsx';
import { RemovalDialog } from '../../parts/forms/removal-dialog.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { useSetSearch } from '../../question/question.ts';
import { words } from '../../words/settings/prices.ts';
import type { PriceFor } from './price-for.ts';
import { modelPrices, type Price, removePrice } from './queries.ts';
import { type Fit, fitsOf } from './times.ts';

interface PriceTableProps {
  timeZone: string;
  sort: string;
  onAdd: ((of: PriceFor) => void) | undefined;
}

/** All prices with their times; gaps and overlaps are marked. */
export function PriceTable({ timeZone, sort, onAdd }: PriceTableProps): ReactNode {
  const answer = useQuery(modelPrices);
  const setSearch = useSetSearch();
  const [removed, setRemoved] = useState<Price>();
  const add = onAdd && (
    <Button kind="primary" onClick={() => onAdd({ model: '', provider: '' })}>
      {words.table.add}
    </Button>
  );
  return (
    <Panel title={words.table.title} note={words.table.note} answer={answer} actions={add} height={160}>
      {({ prices }) => (
        <>
          {prices.length === 0 ? (
            <Empty title={words.table.none}>{words.table.noneText}</Empty>
          ) : (
            <DataTable
              {...{ caption: words.table.title, rows: prices, sort }}
              columns={columnsOf(fitsOf(prices), timeZone, onAdd && setRemoved)}
              keyOf={({ id }) => String(id)}
              onSort={(next) => setSearch({ sort: next })}
            />
          )}
          {removed !== undefined && (
            <RemovalDialog
              {...{ title: words.table.removeTitle(removed.model), text: words.table.removeText }}
              {...{ action: words.table.remove, changes: modelPrices.queryKey }}
              remove={() => removePrice(removed.id)}
              onClose={() => setRemoved(undefined)}
            />
          )}
        </>
      )}
    </Panel>
  );
}

function columnsOf(
  fits: Map<Price, Fit>,
  timeZone: string,
  onRemove: ((price: Price) => void) | undefined,
): Column<Price>[] {
  const { columns } = words.table;
  const day = (moment: string) => (
    <time dateTime={moment} title={exactMoment(moment, timeZone)}>
      {date(moment, timeZone, { year: true })}
    </time>
  );
  const dollars = (
    id: 'input' | 'output' | 'cached' | 'call',
    of: (price: Price) => number | null,
  ): Column<Price> => ({
    ...{ id, title: columns[id], isNumber: true, sortBy: of },
    cell: (price) => <Value short={shortMoney(of(price))} exact={exactMoney(of(price))} />,
  });
  const actions: Column<Price> = {
    ...{ id: 'actions', title: columns.actions },
    cell: (price) => <Button onClick={() => onRemove?.(price)}>{words.table.remove}</Button>,
  };
  return [
    {
      ...{ id: 'model', title: columns.model, sortBy: ({ model }) => model },
      cell: ({ model, tiers, changedBy }) => (
        <span title={words.table.by(changedBy)}>
          {model}
          {tiers.length > 0 && ` (${words.table.tiers(tiers.length)})`}
        </span>
      ),
    },
    {
      ...{ id: 'provider', title: columns.provider, sortBy: ({ provider }) => provider },
      cell: ({ provider }) => provider,
    },
    { ...{ id: 'tier', title: columns.tier }, cell: ({ serviceTier }) => serviceTier ?? words.table.anyTier },
    dollars('input', ({ usdPerMillionInputTokens }) => usdPerMillionInputTokens),
    dollars('output', ({ usdPerMillionOutputTokens }) => usdPerMillionOutputTokens),
    dollars('cached', ({ usdPerMillionCacheReadTokens }) => usdPerMillionCacheReadTokens),
    dollars('call', ({ usdPerCall }) => usdPerCall),
    {
      ...{ id: 'from', title: columns.from, sortBy: ({ effectiveFrom }) => effectiveFrom },
      cell: ({ effectiveFrom }) => day(effectiveFrom),
    },
    {
      ...{ id: 'to', title: columns.to },
      cell: ({ effectiveTo }) => (effectiveTo === null ? words.table.open : day(effectiveTo)),
    },
    {
      ...{ id: 'check', title: columns.check },
      cell: (price) => <FitStatus fit={fits.get(price) ?? { kind: 'fine' }} timeZone={timeZone} />,
    },
    ...(onRemove === undefined ? [] : [actions]),
  ];
}

function FitStatus({ fit, timeZone }: { fit: Fit; timeZone: string }): ReactNode {
  const day = (moment: string) => date(moment, timeZone, { year: true });
  switch (fit.kind) {
    case 'fine':
      return <Status level="good">{words.table.fine}</Status>;
    case 'gap':
      return <Status level="warning">{words.table.gap(day(fit.from), day(fit.to))}</Status>;
    case 'overlap':
      return <Status level="critical">{words.table.overlap(day(fit.with))}</Status>;
  }
}
