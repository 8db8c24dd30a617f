import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { apiBase } from '../../api/base.ts';
import { exactCount } from '../../numbers/count.ts';
import { exactMoney, moneyColumn } from '../../numbers/money.ts';
import { Choices } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Change } from '../../parts/figures/change.tsx';
import { ShareBar } from '../../parts/figures/share-bar.tsx';
import { Duration, Share, Value } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { type Question, useSetSearch } from '../../question/question.ts';
import { writeSearch } from '../../url/search.ts';
import { words } from '../../words/ml.ts';
import { type Ml, mlQuestion } from './queries.ts';
import { groupings, type MlSearch } from './search.ts';

type Group = Ml['groups'][number];

interface MlTableProps {
  question: Question;
  search: MlSearch;
  answer: UseQueryResult<Ml>;
}

/** The groups side by side. */
export function MlTable({ question, search, answer }: MlTableProps): ReactNode {
  const setSearch = useSetSearch();
  const { group = 'pipeline', sort = '-cost' } = search;
  const csv = writeSearch({ ...mlQuestion(question, search), table: 'groups', format: 'csv' });
  const actions = (
    <>
      <Choices
        label={words.grouping}
        choices={groupings}
        chosen={group}
        textOf={(choice) => words.groupings[choice]}
        onChoose={(choice) => setSearch({ group: choice === 'pipeline' ? undefined : choice })}
      />
      <a href={`${apiBase}/api/v1/analytics/ml/overview${csv}`} download>
        {words.csv}
      </a>
    </>
  );
  return (
    <Panel {...{ title: words.table, answer, actions }} height={160}>
      {({ groups }) => (
        <DataTable
          {...{ caption: words.table, rows: groups, sort }}
          columns={columnsOf(groups, words.groupings[group])}
          keyOf={({ name, rest }) => `${rest ?? ''} ${name}`}
          onSort={(next) => setSearch({ sort: next })}
        />
      )}
    </Panel>
  );
}

function columnsOf(groups: readonly Group[], title: string): Column<Group>[] {
  return [
    {
      ...{ id: 'name', title, sortBy: ({ name }) => name },
      cell: ({ name, rest }) => (rest ? words.rest : (name ?? words.none)),
    },
    ...costColumns(groups),
    ...jobColumns(),
    moneyOf('perSuccess', groups, ({ costPerSuccessCents }) => costPerSuccessCents),
    {
      ...{ id: 'unpriced', title: words.columns.unpriced, isNumber: true },
      cell: ({ unpricedJobs: { value } }) =>
        value !== null && value > 0 ? (
          <Status level="warning">{exactCount(value)}</Status>
        ) : (
          exactCount(value)
        ),
    },
  ];
}

function costColumns(groups: readonly Group[]): Column<Group>[] {
  const { columns } = words;
  return [
    moneyOf('cost', groups, ({ costCents }) => costCents),
    {
      ...{ id: 'share', title: columns.share, isNumber: true, sortBy: ({ costShare }) => costShare },
      cell: ({ costShare }) => <ShareBar share={costShare} />,
    },
    {
      ...{ id: 'change', title: columns.change, isNumber: true },
      cell: ({ costCents }) => <Change before={costCents.previous} now={costCents.value} />,
    },
  ];
}

/** How many jobs there were, how well and how fast they went. */
function jobColumns(): Column<Group>[] {
  return [
    numberOf(
      'jobs',
      ({ jobs }) => jobs,
      (jobs) => exactCount(jobs),
    ),
    numberOf(
      'success',
      ({ successRate }) => successRate,
      (rate) => <Share of={rate} />,
    ),
    numberOf(
      'failed',
      ({ failed }) => failed,
      (jobs) => exactCount(jobs),
    ),
    numberOf(
      'p50',
      ({ durationP50Ms }) => durationP50Ms,
      (ms) => <Duration ms={ms} />,
    ),
    numberOf(
      'p95',
      ({ durationP95Ms }) => durationP95Ms,
      (ms) => <Duration ms={ms} />,
    ),
  ];
}

function moneyOf(
  id: 'cost' | 'perSuccess',
  groups: readonly Group[],
  of: (group: Group) => Group['costCents'],
): Column<Group> {
  const dollars = (group: Group) => {
    const { value } = of(group);
    return value === null ? null : value / 100;
  };
  const format = moneyColumn(groups.map(dollars));
  return {
    ...{ id, title: words.columns[id], isNumber: true, sortBy: (group) => of(group).value },
    cell: (group) => <Value short={format(dollars(group))} exact={exactMoney(dollars(group))} />,
  };
}

function numberOf(
  id: 'jobs' | 'success' | 'failed' | 'p50' | 'p95',
  of: (group: Group) => { value: number | null },
  show: (value: number | null) => ReactNode,
): Column<Group> {
  return {
    ...{ id, title: words.columns[id], isNumber: true, sortBy: (group) => of(group).value },
    cell: (group) => show(of(group).value),
  };
}

/** Why jobs failed. */
export function MlErrors({ answer }: { answer: UseQueryResult<Ml> }): ReactNode {
  const { columns: titles } = words.errors;
  const columns: Column<Ml['errors'][number]>[] = [
    {
      ...{ id: 'code', title: titles.code },
      cell: ({ code }) => (code === null ? words.errors.noCode : <code>{code}</code>),
    },
    { ...{ id: 'status', title: titles.status }, cell: ({ status }) => status },
    { ...{ id: 'jobs', title: titles.jobs, isNumber: true }, cell: ({ jobs }) => exactCount(jobs) },
  ];
  return (
    <Panel title={words.errors.title} answer={answer} height={80}>
      {({ errors, otherErrors }) =>
        errors.length === 0 ? (
          <Empty title={words.errors.none}>{words.errors.noneText}</Empty>
        ) : (
          <>
            <DataTable
              {...{ caption: words.errors.title, columns, rows: errors }}
              keyOf={({ code, status }) => `${status} ${code}`}
            />
            {otherErrors > 0 && <p>{words.errors.other(exactCount(otherErrors))}</p>}
          </>
        )
      }
    </Panel>
  );
}
