import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { exactCount } from '../../numbers/count.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Change } from '../../parts/figures/change.tsx';
import { CurrencyAmount, Share } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Level, Status } from '../../parts/status.tsx';
import { type Question, useSetSearch } from '../../question/question.ts';
import { words } from '../../words/business.ts';
import { inUnits, mainCurrency } from './amounts.ts';
import styles from './business.module.css';
import { type Products, products } from './queries.ts';
import type { Comparison } from './search.ts';

type Product = Products['products'][number];
type Needing = Products['needsAttention'][number];
type Reason = Needing['reasons'][number]['reason'];

const reasonLevels: Record<Reason, Level> = {
  out_of_stock_in_demand: 'critical',
  low_stock_in_demand: 'warning',
  many_returns: 'warning',
  viewed_not_bought: 'info',
  falling_sales: 'warning',
};

const stockLevels: Record<Product['stock']['status'], Level> = {
  in_stock: 'good',
  low: 'warning',
  out: 'critical',
  unknown: 'unknown',
};

interface ProductsPanelProps {
  question: Question;
  compare: Comparison;
  sort: string | undefined;
}

/** What needs somebody's attention, then all products. */
export function ProductsPanel({ question, compare, sort }: ProductsPanelProps): ReactNode {
  const answer = useQuery(products(question, compare));
  const setSearch = useSetSearch();
  const text = words.products;
  return (
    <>
      <Panel title={text.attention} answer={answer} height={100}>
        {({ needsAttention }) =>
          needsAttention.length === 0 ? (
            <Empty title={text.noAttention}>{text.noAttentionText}</Empty>
          ) : (
            <DataTable
              {...{ caption: text.attention, columns: attentionColumns, rows: needsAttention }}
              keyOf={({ sku }) => sku}
            />
          )
        }
      </Panel>
      <Panel title={text.title} answer={answer} height={200}>
        {({ products: rows, total }) =>
          rows.length === 0 ? (
            <Empty title={text.none}>{words.empty.text}</Empty>
          ) : (
            <>
              <DataTable
                {...{ caption: text.title, columns: columnsIn(mainCurrency(rows)), rows, sort }}
                keyOf={({ sku }) => sku}
                onSort={(next) => setSearch({ sort: next })}
              />
              {total > rows.length && (
                <p className={styles.quiet}>{text.total(exactCount(rows.length), exactCount(total))}</p>
              )}
            </>
          )
        }
      </Panel>
    </>
  );
}

const attentionColumns: readonly Column<Needing>[] = [
  {
    ...{ id: 'product', title: words.products.columns.product },
    cell: ({ name, sku }) => <span title={sku}>{name ?? sku}</span>,
  },
  {
    ...{ id: 'reason', title: words.products.columns.reason },
    cell: ({ reasons }) => (
      <ul className={styles.reasons}>
        {reasons.map(({ reason, detail }) => (
          <li key={reason}>
            <Status level={reasonLevels[reason]}>{words.products.reasons[reason]}</Status>{' '}
            <span className={styles.quiet}>{detail}</span>
          </li>
        ))}
      </ul>
    ),
  },
];

function columnsIn(currency: string | undefined): Column<Product>[] {
  const { columns } = words.products;
  const revenueOf = ({ byCurrency }: Product) => byCurrency.find((one) => one.currency === currency);
  const count = (
    id: 'units' | 'returned' | 'views',
    of: (product: Product) => number | null,
  ): Column<Product> => ({
    ...{ id, title: columns[id], isNumber: true, sortBy: of },
    cell: (product) => exactCount(of(product)),
  });
  return [
    {
      ...{ id: 'product', title: columns.product, sortBy: ({ name, sku }) => name ?? sku },
      cell: ({ name, sku }) => <span title={sku}>{name ?? sku}</span>,
    },
    {
      ...{ id: 'revenue', title: columns.revenue, isNumber: true },
      sortBy: (product) => revenueOf(product)?.revenueCents.value ?? null,
      cell: (product) => {
        const one = revenueOf(product);
        return one === undefined ? (
          '–'
        ) : (
          <CurrencyAmount currency={one.currency} amount={inUnits(one, one.revenueCents.value)} />
        );
      },
    },
    {
      ...{ id: 'change', title: columns.change, isNumber: true },
      cell: (product) => {
        const { previous, value } = revenueOf(product)?.revenueCents ?? { previous: null, value: null };
        return <Change before={previous} now={value} more="good" />;
      },
    },
    count('units', ({ unitsSold }) => unitsSold.value),
    count('returned', ({ unitsReturned }) => unitsReturned.value),
    count('views', ({ views }) => views.value),
    {
      ...{ id: 'conversion', title: columns.conversion, isNumber: true },
      sortBy: ({ conversion }) => conversion.value,
      cell: ({ conversion }) => <Share of={conversion.value} />,
    },
    {
      ...{ id: 'stock', title: columns.stock, sortBy: ({ stock }) => stock.quantity },
      cell: ({ stock: { status, quantity } }) => (
        <Status level={stockLevels[status]}>
          {words.products.stock[status]}
          {quantity !== null && `, ${exactCount(quantity)}`}
        </Status>
      ),
    },
  ];
}
