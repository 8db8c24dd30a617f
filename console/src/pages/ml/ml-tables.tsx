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
  const { columns } = words;
  const dollars = ({ value }: Group['costCents']) => (value === null ? null : value / 100);
  const money = (id: 'cost' | 'perSuccess', of: (group: Group) => Group['costCents']): Column<Group> => {
    const format = moneyColumn(groups.map((group) => dollars(of(group))));
    return {
      ...{ id, title: columns[id], isNumber: true, sortBy: (group) => of(group).value },
      cell: (group) => <Value short={format(dollars(of(group)))} exact={exactMoney(dollars(of(group)))} />,
    };
  };
  return [
    {
      ...{ id: 'name', title, sortBy: ({ name }) => name },
      cell: ({ name, rest }) => (rest ? words.rest : (name ?? words.none)),
    },
    money('cost', ({ costCents }) => costCents),
    {
      ...{ id: 'share', title: columns.share, isNumber: true, sortBy: ({ costShare }) => costShare },
      cell: ({ costShare }) => <ShareBar share={costShare} />,
    },
    {
      ...{ id: 'change', title: columns.change, isNumber: true },
      cell: ({ costCents }) => <Change before={costCents.previous} now={costCents.value} />,
    },
    {
      ...{ id: 'jobs', title: columns.jobs, isNumber: true, sortBy: ({ jobs }) => jobs.value },
      cell: ({ jobs }) => exactCount(jobs.value),
    },
    {
      ...{
        id: 'success',
        title: columns.success,
        isNumber: true,
        sortBy: ({ successRate }) => successRate.value,
      },
      cell: ({ successRate }) => <Share of={successRate.value} />,
    },
    {
      ...{ id: 'failed', title: columns.failed, isNumber: true, sortBy: ({ failed }) => failed.value },
      cell: ({ failed }) => exactCount(failed.value),
    },
    {
      ...{
        id: 'p50',
        title: columns.p50,
        isNumber: true,
        sortBy: ({ durationP50Ms }) => durationP50Ms.value,
      },
      cell: ({ durationP50Ms }) => <Duration ms={durationP50Ms.value} />,
    },
    {
      ...{
        id: 'p95',
        title: columns.p95,
        isNumber: true,
        sortBy: ({ durationP95Ms }) => durationP95Ms.value,
      },
      cell: ({ durationP95Ms }) => <Duration ms={durationP95Ms.value} />,
    },
    money('perSuccess', ({ costPerSuccessCents }) => costPerSuccessCents),
    {
      ...{ id: 'unpriced', title: columns.unpriced, isNumber: true },
      cell: ({ unpricedJobs: { value } }) =>
        value !== null && value > 0 ? (
          <Status level="warning">{exactCount(value)}</Status>
        ) : (
          exactCount(value)
        ),
    },
  ];
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
