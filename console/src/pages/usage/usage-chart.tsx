import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { AlertFromChart } from '../../alerting/alert-from-chart.tsx';
import { apiBase } from '../../api/base.ts';
import { Chart } from '../../charts/chart.tsx';
import { type ChartData, totals } from '../../charts/chart-data.ts';
import { chartOfGroups } from '../../charts/grouped.ts';
import { otherColour } from '../../colour/palette.ts';
import { exactCount, shortCount } from '../../numbers/count.ts';
import { exactMoney, shortMoney } from '../../numbers/money.ts';
import { percent } from '../../numbers/percent.ts';
import { Button, Choices } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useModelColours } from '../../question/models.ts';
import { type Question, timeOf, useSetSearch } from '../../question/question.ts';
import { useZoom } from '../../question/zoom.ts';
import { writeSearch } from '../../url/search.ts';
import { useLabels } from '../../usage/labels.ts';
import { filtersOf, usageCompared } from '../../usage/queries.ts';
import {
  groupingsWith,
  isAdditive,
  type Measure,
  measureOf,
  measures,
  sum,
  type UsageAnswer,
} from '../../usage/usage.ts';
import { words } from '../../words/usage.ts';
import { useBudget, withBudget } from './budget.ts';
import { groupColours, groupingText, groupOf } from './groups.ts';
import type { UsageSearch } from './search.ts';

interface UsageChartProps {
  question: Question;
  search: UsageSearch;
  answer: UseQueryResult<UsageAnswer>;
}

/** A measure over time, by group. */
export function UsageChart({ question, search, answer }: UsageChartProps): ReactNode {
  const setSearch = useSetSearch();
  const { measure = 'cost', group = 'model' } = search;
  const title = words.chart(words.measures[measure], groupingText(group));
  const labels = useLabels(question.org);
  const actions = (
    <>
      <Choices
        label={words.measure}
        choices={measures}
        chosen={measure}
        textOf={(choice) => words.measures[choice]}
        onChoose={(choice) => setSearch({ measure: choice === 'cost' ? undefined : choice })}
      />
      <Choices
        label={words.grouping}
        choices={groupingsWith(labels)}
        chosen={group}
        textOf={groupingText}
        onChoose={(choice) => setSearch({ group: choice === 'model' ? undefined : choice, sort: undefined })}
      />
    </>
  );
  return (
    <Panel title={title} answer={answer} actions={actions} height={300}>
      {(data) => <Drawn {...{ question, search, title, data, measure, group }} />}
    </Panel>
  );
}

interface DrawnProps {
  question: Question;
  search: UsageSearch;
  title: string;
  data: UsageAnswer;
  measure: Measure;
  group: NonNullable<UsageSearch['group']>;
}

function Drawn({ question, search, title, data, measure, group }: DrawnProps): ReactNode {
  const colourOfModel = useModelColours(question.org);
  const setSearch = useSetSearch();
  const { zoom, back } = useZoom();
  const before = useBefore(question, search, measure);
  const chart = useMemo(
    () =>
      chartOfGroups(data.series, {
        ...{ end: data.end, restGroups: data.restGroups, sum },
        groupOf: (point) => groupOf(point, group),
        labelOf: (name) => name || words.none,
        colourOf: group === 'model' ? colourOfModel : groupColours(data.series, group),
        value: (point) => measureOf(measure, point),
        weightOf: (point) => measureOf(isAdditive(measure) ? measure : 'requests', point) ?? 0,
        isAdditive: isAdditive(measure),
      }),
    [data, measure, group, colourOfModel],
  );
  const budget = useBudget(question.org, chart.buckets, measure === 'cost' && !isFiltered(search));
  const withLines = useMemo(
    () => withBudget(before === undefined ? chart : compared(chart, before, measure), budget),
    [chart, before, measure, budget],
  );
  if (chart.series.length === 0) {
    return (
      <Empty
        title={words.empty.title}
        action={<Button onClick={() => setSearch({ range: '30d' })}>{words.empty.action}</Button>}
      >
        {words.empty.text}
      </Empty>
    );
  }
  const csv = {
    ...{ ...timeOf(question), ...filtersOf(search), granularity: question.range.granularity },
    ...{ groupBy: group, format: 'csv' },
  };
  return (
    <Chart
      title={title}
      data={withLines}
      kind={isAdditive(measure) ? 'bars' : 'lines'}
      timeZone={question.timeZone}
      format={formatOf(measure)}
      formatExact={exactFormatOf(measure)}
      csvHref={`${apiBase}/analytics/v1/orgs/${encodeURIComponent(question.org)}/usage${writeSearch(csv)}`}
      onBrush={zoom}
      onBack={back}
      onOpen={zoom}
      more={<Alert {...{ chart, measure }} />}
    />
  );
}

/** The metric of rules for a measure, and how many of its units are one of the chart. */
const metrics: Partial<Record<Measure, { metric: string; units: number }>> = {
  cost: { metric: 'usage.cost', units: 100 },
  requests: { metric: 'usage.count', units: 1 },
};

function Alert({ chart, measure }: { chart: ChartData; measure: Measure }): ReactNode {
  const { metric, units = 1 } = metrics[measure] ?? {};
  const values = totals(chart).map((value) => (value === null ? null : value * units));
  return <AlertFromChart {...{ metric, values, buckets: chart.buckets }} />;
}

function isFiltered(search: UsageSearch): boolean {
  return Object.keys(filtersOf(search)).length > 0;
}

/** The time before, if the page compares and the measure adds up. */
function useBefore(question: Question, search: UsageSearch, measure: Measure): UsageAnswer | undefined {
  const enabled = search.compare !== 'off' && isAdditive(measure);
  const { data } = useQuery({ ...usageCompared(question, search), enabled });
  return enabled ? data : undefined;
}

/** The chart with all of the time before as a dashed line. */
function compared(chart: ChartData, { series }: UsageAnswer, measure: Measure): ChartData {
  const before = new Map(series.map(({ bucketStart, previous }) => [Date.parse(bucketStart), previous]));
  const values = chart.buckets.map((bucket) => {
    const usage = before.get(bucket);
    return usage == null ? null : measureOf(measure, usage);
  });
  if (values.every((value) => value === null)) return chart;
  const line = { id: 'before', label: words.timeBefore, colour: otherColour, values, isComparison: true };
  return { ...chart, series: [...chart.series, line] };
}

function formatOf(measure: Measure): (value: number) => string {
  if (measure === 'cost' || measure === 'price') return shortMoney;
  return measure === 'cached' ? percent : shortCount;
}

function exactFormatOf(measure: Measure): (value: number) => string {
  if (measure === 'cost') return exactMoney;
  if (measure === 'price') return shortMoney;
  return measure === 'cached' ? percent : exactCount;
}
