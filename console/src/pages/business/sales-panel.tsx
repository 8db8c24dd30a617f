import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { Chart } from '../../charts/chart.tsx';
import type { ChartData } from '../../charts/chart-data.ts';
import { colourOf } from '../../colour/palette.ts';
import { exactCount, shortCount } from '../../numbers/count.ts';
import { amountIn, exactAmountIn } from '../../numbers/money.ts';
import { Panel } from '../../parts/panel.tsx';
import type { Question } from '../../question/question.ts';
import { useZoom } from '../../question/zoom.ts';
import { words } from '../../words/business.ts';
import { inUnits } from './amounts.ts';
import { type Sales, sales } from './queries.ts';
import type { Comparison } from './search.ts';

interface SalesPanelProps {
  question: Question;
  compare: Comparison;
}

/** Revenue in each currency, and orders, over time. */
export function SalesPanel({ question, compare }: SalesPanelProps): ReactNode {
  const answer = useQuery(sales(question, compare));
  const { timeZone } = question;
  const currencies = answer.data?.totals.byCurrency.map(({ currency }) => currency) ?? [];
  return (
    <>
      {currencies.map((currency) => (
        <Panel key={currency} title={words.sales.revenue(currency)} answer={answer} height={280}>
          {(data) => <Revenue {...{ data, currency, timeZone }} />}
        </Panel>
      ))}
      <Panel title={words.sales.orders} answer={answer} height={280}>
        {(data) => <Orders {...{ data, timeZone }} />}
      </Panel>
    </>
  );
}

interface DrawnProps {
  data: Sales;
  timeZone: string;
}

/** Lines, because refunds make revenue negative, and because two times are compared. */
function Revenue({ data, currency, timeZone }: DrawnProps & { currency: string }): ReactNode {
  const { zoom, back } = useZoom();
  const chart = useMemo(() => {
    const revenueOf = (point: Pick<Sales['series'][number], 'byCurrency'> | null | undefined) => {
      const one = point?.byCurrency.find((amount) => amount.currency === currency);
      if (one !== undefined) return inUnits(one, one.revenueCents);
      return point == null ? null : 0;
    };
    return chartOf(data, [
      { id: 'now', label: words.sales.now, values: data.series.map(revenueOf) },
      {
        id: 'then',
        label: words.sales.earlier,
        values: data.series.map(({ previous }) => revenueOf(previous)),
      },
    ]);
  }, [data, currency]);
  return (
    <Chart
      {...{ title: words.sales.revenue(currency), data: chart, kind: 'lines', timeZone }}
      format={(value) => amountIn(currency, value)}
      formatExact={(value) => exactAmountIn(currency, value)}
      onBrush={zoom}
      onBack={back}
      onOpen={zoom}
    />
  );
}

function Orders({ data, timeZone }: DrawnProps): ReactNode {
  const { zoom, back } = useZoom();
  const chart = useMemo(
    () =>
      chartOf(data, [
        {
          id: 'completed',
          label: words.sales.completed,
          values: data.series.map(({ completed }) => completed),
        },
        {
          ...{ id: 'then', label: words.sales.earlier },
          values: data.series.map(({ previous }) => previous?.completed ?? null),
        },
      ]),
    [data],
  );
  return (
    <Chart
      {...{ title: words.sales.orders, data: chart, kind: 'lines', timeZone }}
      {...{ format: shortCount, formatExact: exactCount }}
      onBrush={zoom}
      onBack={back}
      onOpen={zoom}
    />
  );
}

interface Line {
  id: string;
  label: string;
  values: (number | null)[];
}

function chartOf({ series, end }: Sales, lines: readonly Line[]): ChartData {
  const buckets = series.map(({ bucketStart }) => Date.parse(bucketStart));
  return {
    buckets,
    end: Math.max(Date.parse(end), (buckets.at(-1) ?? 0) + 1),
    partial: series.map(({ partial }) => partial === true),
    series: lines
      .filter(({ values }) => values.some((value) => value !== null))
      .map((line) => ({
        ...line,
        colour: colourOf(line.id),
        ...(line.id === 'then' && { isComparison: true }),
      })),
    isAdditive: false,
  };
}
