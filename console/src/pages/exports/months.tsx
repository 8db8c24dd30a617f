import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useMay } from '../../api/may.ts';
import { exactCount } from '../../numbers/count.ts';
import { dateAndTime, exactMoment, monthName } from '../../numbers/moment.ts';
import { exactMoney, shortMoney } from '../../numbers/money.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Value } from '../../parts/figures/value.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { useSetSearch } from '../../question/question.ts';
import { words } from '../../words/exports.ts';
import { Badge } from './check.tsx';
import styles from './exports.module.css';
import { closedMonths, type Month, type Periods, writeMonth } from './queries.ts';
import { Reopen } from './reopen.tsx';

type Open = Periods['open'][number];
type Row = { closed: Month; open?: never } | { closed?: never; open: Open };

/** The months as finance has them: closed ones, and the next. */
export function Months({ org, timeZone }: { org: string; timeZone: string }): ReactNode {
  const answer = useQuery(closedMonths(org));
  const mayWrite = useMay('exports:write');
  const setSearch = useSetSearch();
  const client = useQueryClient();
  const [reopened, setReopened] = useState<Month>();
  const write = useMutation({
    mutationFn: (month: Month) => writeMonth(org, month),
    onSuccess: () => client.invalidateQueries({ queryKey: ['exports', org] }),
  });
  const columns = [
    ...columnsIn(timeZone),
    actionsColumn({
      mayWrite,
      onDetails: ({ period, dataset }) => setSearch({ month: `${period} ${dataset}` }),
      onWrite: write.mutate,
      onReopen: setReopened,
    }),
  ];
  return (
    <Panel title={words.months.title} note={words.months.note} answer={answer} height={160}>
      {({ items, open }) => (
        <>
          <ActionFailure error={write.error} />
          {write.isSuccess && (
            <p role="status" className={styles.quiet}>
              <Status level="good">{words.months.written}</Status>
            </p>
          )}
          {items.length === 0 && open.length === 0 ? (
            <Empty title={words.months.none}>{words.months.noneText}</Empty>
          ) : (
            <DataTable
              {...{ caption: words.months.title, columns, rows: rowsOf({ items, open }) }}
              keyOf={({ closed, open: next }) =>
                closed === undefined
                  ? `open ${next.period} ${next.dataset}`
                  : `${closed.period} ${closed.dataset} ${closed.revision}`
              }
            />
          )}
          {reopened !== undefined && (
            <Reopen org={org} month={reopened} onClose={() => setReopened(undefined)} />
          )}
        </>
      )}
    </Panel>
  );
}

function rowsOf({ items, open }: Periods): Row[] {
  return [...open.map((next) => ({ open: next })), ...items.map((closed) => ({ closed }))];
}

function columnsIn(timeZone: string): Column<Row>[] {
  const { columns } = words.months;
  const ofClosed = (cell: (month: Month) => ReactNode) => (row: Row) =>
    row.closed === undefined ? '–' : cell(row.closed);
  return [
    {
      ...{ id: 'month', title: columns.month },
      cell: ({ closed, open }) => monthName(`${(closed ?? open).period}-15T00:00:00Z`, 'UTC'),
    },
    {
      ...{ id: 'data', title: columns.data },
      cell: ({ closed, open }) => words.datasets[(closed ?? open).dataset],
    },
    {
      ...{ id: 'state', title: columns.state },
      cell: ({ open }) =>
        open === undefined ? (
          <Status level="good">{words.months.final}</Status>
        ) : (
          <span title={exactMoment(open.dueAt, timeZone)}>
            <Status level="info">
              {words.months.open}, {words.months.due(dateAndTime(open.dueAt, timeZone))}
            </Status>
          </span>
        ),
    },
    {
      ...{ id: 'revision', title: columns.revision, isNumber: true },
      cell: ofClosed(({ revision, note }) => <span title={note ?? undefined}>{revision}</span>),
    },
    {
      ...{ id: 'rows', title: columns.rows, isNumber: true },
      cell: ofClosed(({ rows }) => exactCount(rows)),
    },
    {
      ...{ id: 'cost', title: columns.cost, isNumber: true },
      cell: ofClosed(({ costDollars }) => (
        <Value short={shortMoney(Number(costDollars))} exact={exactMoney(costDollars)} />
      )),
    },
    {
      ...{ id: 'corrections', title: columns.corrections, isNumber: true },
      cell: ofClosed(({ corrections }) => exactCount(corrections)),
    },
    {
      ...{ id: 'check', title: columns.check },
      cell: ofClosed(({ reconciliation: { told, rollups } }) => (
        <Badge
          isExact={Object.keys(told).every((name) => told[name] === rollups[name])}
          sums={told}
          against={rollups}
        />
      )),
    },
    {
      ...{ id: 'closed', title: columns.closed },
      cell: ofClosed(({ closedAt, closedBy }) => (
        <time dateTime={closedAt} title={`${exactMoment(closedAt, timeZone)}, ${words.months.by(closedBy)}`}>
          {dateAndTime(closedAt, timeZone)}
        </time>
      )),
    },
  ];
}

interface Actions {
  mayWrite: boolean;
  onDetails: (month: Month) => void;
  onWrite: (month: Month) => void;
  onReopen: (month: Month) => void;
}

function actionsColumn({ mayWrite, onDetails, onWrite, onReopen }: Actions): Column<Row> {
  return {
    ...{ id: 'actions', title: words.months.columns.actions },
    cell: ({ closed }) =>
      closed !== undefined && (
        <span className={styles.actions}>
          <Button onClick={() => onDetails(closed)}>{words.months.details}</Button>
          {mayWrite && <Button onClick={() => onWrite(closed)}>{words.months.write}</Button>}
          {mayWrite && <Button onClick={() => onReopen(closed)}>{words.months.reopen}</Button>}
        </span>
      ),
  };
}
