import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { exactCount } from '../../numbers/count.ts';
import { date, exactMoment } from '../../numbers/moment.ts';
import { exactMoney, shortMoney } from '../../numbers/money.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Value } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useSetSearch } from '../../question/question.ts';
import { words } from '../../words/exports.ts';
import { words as general } from '../../words/parts.ts';
import { type MonthDataset, type MonthDetails, monthDetails } from './queries.ts';

type Row = MonthDetails['pending']['corrections'][number] & { deliveredIn?: string };

interface MonthPanelProps {
  org: string;
  /** `2026-10 usage`. */
  chosen: string;
  timeZone: string;
}

/** What has changed of a month since it was closed, and which file has it. */
export function MonthPanel({ org, chosen, timeZone }: MonthPanelProps): ReactNode {
  const [month = '', dataset = 'usage'] = chosen.split(' ');
  const answer = useQuery(monthDetails(org, month, dataset as MonthDataset));
  const setSearch = useSetSearch();
  const close = <Button onClick={() => setSearch({ month: undefined })}>{general.close}</Button>;
  return (
    <Panel title={`${words.months.adjustments}: ${chosen}`} answer={answer} actions={close} height={80}>
      {({ corrections, pending, truncated }) => {
        const rows: Row[] = [...pending.corrections, ...corrections];
        if (rows.length === 0) return <Empty title={words.months.noAdjustments}>{words.months.note}</Empty>;
        return (
          <>
            <DataTable
              {...{ caption: words.months.adjustments, columns: columnsIn(timeZone), rows }}
              keyOf={(row) => JSON.stringify(row)}
            />
            {(truncated || pending.truncated) && <p>{words.months.truncated}</p>}
          </>
        );
      }}
    </Panel>
  );
}

function columnsIn(timeZone: string): Column<Row>[] {
  const { adjustmentColumns: titles } = words.months;
  return [
    {
      ...{ id: 'day', title: titles.day },
      cell: ({ start, end }) => (
        <span title={`${exactMoment(start, timeZone)} – ${exactMoment(end, timeZone)}`}>
          {date(start, timeZone, { year: true })}
        </span>
      ),
    },
    {
      ...{ id: 'what', title: titles.what },
      cell: ({ modelId, pipeline, clientId }) => [modelId ?? pipeline, clientId].filter(Boolean).join(' · '),
    },
    { ...{ id: 'reason', title: titles.reason }, cell: ({ reason }) => words.months.reasons[reason] },
    {
      ...{ id: 'events', title: titles.events, isNumber: true },
      cell: ({ events }) => exactCount(Number(events)),
    },
    {
      ...{ id: 'cost', title: titles.cost, isNumber: true },
      cell: ({ costDollars }) => (
        <Value short={shortMoney(Number(costDollars))} exact={exactMoney(costDollars)} />
      ),
    },
    {
      ...{ id: 'in', title: titles.in },
      cell: ({ deliveredIn }) => deliveredIn ?? words.months.pending,
    },
  ];
}
