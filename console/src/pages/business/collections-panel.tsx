import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { exactCount } from '../../numbers/count.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Change } from '../../parts/figures/change.tsx';
import { ShareBar } from '../../parts/figures/share-bar.tsx';
import { CurrencyAmount, Share } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Question, useSetSearch } from '../../question/question.ts';
import { words } from '../../words/business.ts';
import { inUnits, mainCurrency } from './amounts.ts';
import { type Collections, collections } from './queries.ts';
import type { Comparison } from './search.ts';

type Collection = Collections['collections'][number];

interface CollectionsPanelProps {
  question: Question;
  compare: Comparison;
  sort: string | undefined;
}

/** Collections side by side. */
export function CollectionsPanel({ question, compare, sort }: CollectionsPanelProps): ReactNode {
  const answer = useQuery(collections(question, compare));
  const setSearch = useSetSearch();
  const text = words.collections;
  return (
    <Panel title={text.title} answer={answer} height={160}>
      {({ collections: rows }) =>
        rows.length === 0 ? (
          <Empty title={text.none}>{words.empty.text}</Empty>
        ) : (
          <DataTable
            {...{ caption: text.title, columns: columnsIn(mainCurrency(rows)), rows, sort }}
            keyOf={({ name }) => name}
            onSort={(next) => setSearch({ sort: next })}
          />
        )
      }
    </Panel>
  );
}

function columnsIn(currency: string | undefined): Column<Collection>[] {
  const { columns } = words.products;
  const of = ({ byCurrency }: Collection) => byCurrency.find((one) => one.currency === currency);
  return [
    {
      ...{ id: 'name', title: words.collections.columns.name, sortBy: ({ name }) => name },
      cell: ({ name }) => name || words.collections.unnamed,
    },
    {
      ...{ id: 'revenue', title: columns.revenue, isNumber: true },
      sortBy: (row) => of(row)?.revenueCents.value ?? null,
      cell: (row) => {
        const one = of(row);
        return one === undefined ? (
          '–'
        ) : (
          <CurrencyAmount currency={one.currency} amount={inUnits(one, one.revenueCents.value)} />
        );
      },
    },
    {
      ...{ id: 'share', title: words.collections.columns.share, isNumber: true },
      sortBy: (row) => of(row)?.revenueShare ?? null,
      cell: (row) => <ShareBar share={of(row)?.revenueShare ?? null} />,
    },
    {
      ...{ id: 'change', title: columns.change, isNumber: true },
      cell: (row) => {
        const { previous, value } = of(row)?.revenueCents ?? { previous: null, value: null };
        return <Change before={previous} now={value} more="good" />;
      },
    },
    {
      ...{ id: 'products', title: words.collections.columns.products, isNumber: true },
      cell: ({ products }) => exactCount(products),
    },
    {
      ...{ id: 'units', title: columns.units, isNumber: true, sortBy: ({ unitsSold }) => unitsSold.value },
      cell: ({ unitsSold }) => exactCount(unitsSold.value),
    },
    {
      ...{ id: 'views', title: columns.views, isNumber: true, sortBy: ({ views }) => views.value },
      cell: ({ views }) => exactCount(views.value),
    },
    {
      ...{ id: 'conversion', title: columns.conversion, isNumber: true },
      sortBy: ({ conversion }) => conversion.value,
      cell: ({ conversion }) => <Share of={conversion.value} />,
    },
  ];
}
