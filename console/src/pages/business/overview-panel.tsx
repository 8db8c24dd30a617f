import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { exactCount } from '../../numbers/count.ts';
import { exactAmountIn } from '../../numbers/money.ts';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { FailurePanel } from '../../parts/failure-panel.tsx';
import { Change } from '../../parts/figures/change.tsx';
import { Facts } from '../../parts/figures/facts.tsx';
import { Tile, Tiles } from '../../parts/figures/tile.tsx';
import { Count, CurrencyAmount } from '../../parts/figures/value.tsx';
import { Panel, Skeleton } from '../../parts/panel.tsx';
import { type Question, useSetSearch } from '../../question/question.ts';
import { words } from '../../words/business.ts';
import { inUnits } from './amounts.ts';
import { type Compared, type Overview, overview } from './queries.ts';
import type { Comparison } from './search.ts';

interface OverviewPanelProps {
  question: Question;
  compare: Comparison;
}

/** Revenue, orders and customers. */
export function OverviewPanel({ question, compare }: OverviewPanelProps): ReactNode {
  const answer = useQuery(overview(question, compare));
  const setSearch = useSetSearch();
  const { data, error } = answer;
  if (data === undefined && error !== null)
    return <FailurePanel error={error} onRetry={() => void answer.refetch()} />;
  if (data === undefined) return <Skeleton height={300} />;
  if (data.orders.value === 0) {
    const wider = <Button onClick={() => setSearch({ range: '30d' })}>{words.empty.action}</Button>;
    return (
      <Empty title={words.empty.title} action={wider}>
        {words.empty.text}
      </Empty>
    );
  }
  return (
    <>
      {error !== null && <FailurePanel error={error} onRetry={() => void answer.refetch()} isOlderShown />}
      <Tiles>
        {data.byCurrency.map((one) => (
          <Tile
            key={one.currency}
            label={words.revenue(one.currency)}
            figure={<CurrencyAmount currency={one.currency} amount={inUnits(one, one.revenueCents.value)} />}
            change={
              <Change
                {...{ before: one.revenueCents.previous, now: one.revenueCents.value, more: 'good' }}
                title={words.before(exactAmountIn(one.currency, inUnits(one, one.revenueCents.previous)))}
              />
            }
          />
        ))}
        <CountTile label={words.orders} of={data.orders} />
        <CountTile label={words.customers} of={data.customers} />
      </Tiles>
      <Panel title={words.details} answer={answer} height={80}>
        {(shown) => <Facts facts={factsOf(shown)} />}
      </Panel>
    </>
  );
}

function CountTile({ label, of }: { label: string; of: Compared }): ReactNode {
  return (
    <Tile
      label={label}
      figure={<Count of={of.value} />}
      change={
        <Change
          {...{ before: of.previous, now: of.value, more: 'good' }}
          title={words.before(exactCount(of.previous))}
        />
      }
    />
  );
}

function factsOf(data: Overview): Record<string, ReactNode> {
  const ofCurrency = data.byCurrency.flatMap((one) => {
    const amount = ({ value }: Compared) => (
      <CurrencyAmount currency={one.currency} amount={inUnits(one, value)} />
    );
    return [
      [words.average(one.currency), amount(one.averageOrderCents)],
      [words.gross(one.currency), amount(one.grossCents)],
      [words.refunds(one.currency), amount(one.refundsCents)],
      [words.p95(one.currency), amount(one.orderValueCents.p95)],
    ] as const;
  });
  return {
    ...Object.fromEntries(ofCurrency),
    [words.units]: exactCount(data.unitsSold.value),
    [words.refunded]: exactCount(data.refundedOrders.value),
    [words.cancelled]: exactCount(data.cancelledOrders.value),
    [words.unitsReturned]: exactCount(data.unitsReturned.value),
    [words.withoutCustomer]: exactCount(data.ordersWithoutCustomer.value),
  };
}
