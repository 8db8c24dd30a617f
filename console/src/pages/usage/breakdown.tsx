import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { apiBase } from '../../api/base.ts';
import { exactCount } from '../../numbers/count.ts';
import { exactMoney, moneyColumn } from '../../numbers/money.ts';
import { Choices } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Change } from '../../parts/figures/change.tsx';
import { Share, Value } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useModelColours } from '../../question/models.ts';
import { type Question, timeOf, useSetSearch } from '../../question/question.ts';
import { writeList, writeSearch } from '../../url/search.ts';
import { filtersOf, usageBefore, usageByGroup } from '../../usage/queries.ts';
import { dollarsOf, type Grouping, measureOf, type Usage, type UsageAnswer } from '../../usage/usage.ts';
import { words } from '../../words/usage.ts';
import { groupColours, groupingText, groupOf } from './groups.ts';
import type { UsageSearch } from './search.ts';
import styles from './usage.module.css';

interface Row {
  group: string;
  /** Several groups together, which cannot be chosen. */
  isRest: boolean;
  usage: Usage;
  before: Usage | undefined;
}

interface BreakdownProps {
  question: Question;
  search: UsageSearch;
}

/** The groups side by side, with their shares and their changes. */
export function Breakdown({ question, search }: BreakdownProps): ReactNode {
  const { group = 'model', sort = '-cost' } = search;
  const isCompared = search.compare !== 'off';
  const answer = useQuery(usageByGroup(question, search, group));
  const before = useQuery({ ...usageBefore(question, search, group), enabled: isCompared });
  const setSearch = useSetSearch();
  const csv = {
    ...timeOf(question),
    ...filtersOf(search),
    granularity: 'none',
    groupBy: group,
    format: 'csv',
  };
  const actions = (
    <>
      <Choices
        label={words.compareHint}
        choices={['on', 'off']}
        chosen={isCompared ? 'on' : 'off'}
        textOf={(choice) => (choice === 'on' ? words.compareOn : words.compareOff)}
        onChoose={(choice) => setSearch({ compare: choice === 'off' ? 'off' : undefined })}
      />
      <a
        href={`${apiBase}/analytics/v1/orgs/${encodeURIComponent(question.org)}/usage${writeSearch(csv)}`}
        download
      >
        {words.csv}
      </a>
    </>
  );
  return (
    <Panel title={words.table} answer={answer} actions={actions} height={220}>
      {(data) => (
        <Table
          rows={rowsOf(data, isCompared ? before.data : undefined, group)}
          totals={data.totals}
          beforeTotals={isCompared ? before.data?.totals : undefined}
          group={group}
          org={question.org}
          sort={sort}
          onSort={(next) => setSearch({ sort: next })}
          onChoose={(name) => setSearch({ [group]: writeList([name]) })}
        />
      )}
    </Panel>
  );
}

function rowsOf(data: UsageAnswer, before: UsageAnswer | undefined, group: Grouping): Row[] {
  const earlier = new Map(
    before?.series.filter(({ rest }) => !rest).map((point) => [groupOf(point, group), point]),
  );
  return data.series
    .filter(({ invocations }) => invocations > 0)
    .map((point) => {
      const isRest = point.rest === true;
      const name = isRest ? words.rest(data.restGroups) : groupOf(point, group);
      return { group: name, isRest, usage: point, before: isRest ? undefined : earlier.get(name) };
    });
}

interface TableProps {
  rows: readonly Row[];
  totals: Usage;
  beforeTotals: Usage | undefined;
  group: Grouping;
  org: string;
  sort: string;
  onSort: (sort: string) => void;
  onChoose: (group: string) => void;
}

function Table({ rows, totals, beforeTotals, group, org, sort, onSort, onChoose }: TableProps): ReactNode {
  const colourOfModel = useModelColours(org);
  const isCompared = beforeTotals !== undefined;
  const columns = useMemo(() => {
    const colour = group === 'model' ? colourOfModel : coloursOfRows(rows, group);
    const name = nameColumn(groupingText(group), colour, onChoose);
    return [name, ...numberColumns(rows, totals, isCompared)];
  }, [rows, totals, group, isCompared, colourOfModel, onChoose]);
  const all: Row = { group: words.total, isRest: true, usage: totals, before: beforeTotals };
  const footer = (
    <tr>
      <th scope="row">{words.total}</th>
      {columns.slice(1).map(({ id, title, cell }) => (
        <td key={id} className={styles.total} data-title={title}>
          {cell(all)}
        </td>
      ))}
    </tr>
  );
  return (
    <DataTable
      {...{ caption: words.table, columns, rows, sort, onSort, footer }}
      keyOf={({ group: name, isRest }) => `${isRest} ${name}`}
    />
  );
}

/** Those of the chart, which has the same groups. */
function coloursOfRows(rows: readonly Row[], group: Grouping): (name: string) => string {
  const points = rows.filter(({ isRest }) => !isRest).map(({ usage }) => usage);
  return groupColours(points, group);
}

function nameColumn(
  title: string,
  colour: (name: string) => string,
  onChoose: (name: string) => void,
): Column<Row> {
  return {
    ...{ id: 'name', title, sortBy: ({ group }) => group },
    cell: ({ group, isRest }) =>
      isRest || group === '' ? (
        group || words.none
      ) : (
        <button
          type="button"
          className={styles.name}
          title={words.only(group)}
          onClick={() => onChoose(group)}
        >
          <span className={styles.swatch} style={{ background: colour(group) }} />
          {group}
        </button>
      ),
  };
}

function numberColumns(rows: readonly Row[], totals: Usage, isCompared: boolean): Column<Row>[] {
  const { columns: titles } = words;
  const cost = moneyColumn(rows.map(({ usage }) => dollarsOf(usage)));
  const price = moneyColumn(rows.map(({ usage }) => measureOf('price', usage)));
  const all = dollarsOf(totals);
  const shareOf = ({ usage }: Row) => (all === 0 ? null : dollarsOf(usage) / all);
  const count = (
    id: 'requests' | 'inputTokens' | 'outputTokens',
    of: (usage: Usage) => number,
  ): Column<Row> => ({
    ...{ id, title: titles[id], isNumber: true, sortBy: ({ usage }) => of(usage) },
    cell: ({ usage }) => <Value short={exactCount(of(usage))} exact={exactCount(of(usage))} />,
  });
  const change: Column<Row> = {
    ...{ id: 'change', title: titles.change, isNumber: true },
    sortBy: ({ usage, before }) => (before === undefined ? null : dollarsOf(usage) - dollarsOf(before)),
    cell: ({ usage, before }) => (
      <Change
        before={before && dollarsOf(before)}
        now={dollarsOf(usage)}
        title={words.changeFrom(exactMoney(before?.costUsd))}
      />
    ),
  };
  return [
    {
      ...{ id: 'cost', title: titles.cost, isNumber: true, sortBy: ({ usage }) => dollarsOf(usage) },
      cell: ({ usage }) => <Value short={cost(dollarsOf(usage))} exact={exactMoney(usage.costUsd)} />,
    },
    {
      ...{ id: 'share', title: titles.share, isNumber: true, sortBy: shareOf },
      cell: (row) => (
        <span className={styles.share}>
          <span className={styles.bar}>
            <span style={{ inlineSize: `${(shareOf(row) ?? 0) * 100}%` }} />
          </span>
          <Share of={shareOf(row)} />
        </span>
      ),
    },
    ...(isCompared ? [change] : []),
    count('requests', ({ invocations }) => invocations),
    count('inputTokens', ({ inputTokens }) => inputTokens),
    count('outputTokens', ({ outputTokens }) => outputTokens),
    {
      ...{
        id: 'cached',
        title: titles.cached,
        isNumber: true,
        sortBy: ({ usage }) => measureOf('cached', usage),
      },
      cell: ({ usage }) => <Share of={measureOf('cached', usage)} />,
    },
    {
      ...{
        id: 'price',
        title: titles.price,
        isNumber: true,
        sortBy: ({ usage }) => measureOf('price', usage),
      },
      cell: ({ usage }) => (
        <Value short={price(measureOf('price', usage))} exact={exactMoney(measureOf('price', usage))} />
      ),
    },
  ];
}
