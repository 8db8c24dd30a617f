import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { Chart } from '../../charts/chart.tsx';
import type { ChartData } from '../../charts/chart-data.ts';
import { colourOf, otherColour } from '../../colour/palette.ts';
import { exactCount, shortCount } from '../../numbers/count.ts';
import { duration, exactDuration } from '../../numbers/duration.ts';
import { exactMoney, shortMoney } from '../../numbers/money.ts';
import { Choices } from '../../parts/button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Question, useSetSearch } from '../../question/question.ts';
import { useZoom } from '../../question/zoom.ts';
import { words } from '../../words/ml.ts';
import type { Ml } from './queries.ts';
import { type Measure, type MlSearch, measures } from './search.ts';

interface MlChartProps {
  question: Question;
  search: MlSearch;
  answer: UseQueryResult<Ml>;
}

const outcomes = ['succeeded', 'failed', 'cancelled'] as const;
/** Failed jobs have the colour of failed calls. */
const outcomeColours = {
  succeeded: colourOf('succeeded'),
  failed: colourOf('error'),
  cancelled: otherColour,
};

/** Jobs by outcome, or one measure, over time. */
export function MlChart({ question, search, answer }: MlChartProps): ReactNode {
  const setSearch = useSetSearch();
  const { measure = 'jobs' } = search;
  const title = words.chart(words.measures[measure]);
  const actions = (
    <Choices
      label={words.measure}
      choices={measures}
      chosen={measure}
      textOf={(choice) => words.measures[choice]}
      onChoose={(choice) => setSearch({ measure: choice === 'jobs' ? undefined : choice })}
    />
  );
  return (
    <Panel {...{ title, answer, actions }} height={280}>
      {(data) => <Drawn {...{ title, data, measure }} timeZone={question.timeZone} />}
    </Panel>
  );
}

interface DrawnProps {
  title: string;
  data: Ml;
  measure: Measure;
  timeZone: string;
}

function Drawn({ title, data, measure, timeZone }: DrawnProps): ReactNode {
  const { zoom, back } = useZoom();
  const chart = useMemo(() => chartOf(data, measure), [data, measure]);
  const [format, formatExact] = formats[measure];
  return (
    <Chart
      {...{ title, data: chart, timeZone, format, formatExact }}
      kind={measure === 'durationP95Ms' ? 'lines' : 'bars'}
      onBrush={zoom}
      onBack={back}
      onOpen={zoom}
    />
  );
}

const formats = {
  jobs: [shortCount, exactCount],
  costCents: [shortMoney, exactMoney],
  durationP95Ms: [duration, exactDuration],
} as const;

function chartOf({ series, end }: Ml, measure: Measure): ChartData {
  const buckets = series.map(({ bucketStart }) => Date.parse(bucketStart));
  const one = {
    id: measure,
    label: words.measures[measure],
    colour: colourOf(measure),
    values: series.map((point) => {
      const value = point[measure];
      return value !== null && measure === 'costCents' ? value / 100 : value;
    }),
  };
  const byOutcome = outcomes.map((outcome) => ({
    ...{
      id: outcome,
      label: words.series[outcome],
      colour: outcomeColours[outcome],
    },
    values: series.map((point) => point[outcome]),
  }));
  return {
    buckets,
    end: Math.max(Date.parse(end), (buckets.at(-1) ?? 0) + 1),
    partial: series.map(({ partial }) => partial === true),
    series: measure === 'jobs' ? byOutcome : [one],
    isAdditive: measure !== 'durationP95Ms',
  };
}
