import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { AlertFromChart } from '../../alerting/alert-from-chart.tsx';
import { apiBase } from '../../api/base.ts';
import type { CallFilters } from '../../calls/filters.ts';
import { IncidentLink } from '../../calls/incident-link.tsx';
import { type Reliability, reliabilityQuestion } from '../../calls/reliability.ts';
import { useToEvents } from '../../calls/to-events.ts';
import { Chart } from '../../charts/chart.tsx';
import { exactCount, shortCount } from '../../numbers/count.ts';
import { duration, exactDuration } from '../../numbers/duration.ts';
import { exactPercent, percent } from '../../numbers/percent.ts';
import { Several } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Question, useSetSearch } from '../../question/question.ts';
import { useZoom } from '../../question/zoom.ts';
import { writeSearch } from '../../url/search.ts';
import { words } from '../../words/reliability.ts';
import { errorRateChart, failureChart, latencyChart } from './charts.ts';
import { choosablePercentiles, withPercentile } from './search.ts';

interface OverTimeProps {
  question: Question;
  filters: CallFilters;
  answer: UseQueryResult<Reliability>;
}

/** The share of calls that failed. */
export function ErrorRate(props: OverTimeProps): ReactNode {
  return (
    <Panel title={words.errorRate} answer={props.answer} height={300}>
      {(data) => (
        <Lines
          {...{ ...props, data, title: words.errorRate, chartOf: errorRateChart, metric: 'usage.error_rate' }}
          {...{ format: percent, formatExact: exactPercent }}
        />
      )}
    </Panel>
  );
}

/** How long calls took. */
export function Latency({ percentiles, ...props }: OverTimeProps & { percentiles: string[] }): ReactNode {
  return (
    <Panel
      title={words.latency}
      answer={props.answer}
      actions={<Percentiles chosen={percentiles} />}
      height={300}
    >
      {(data) => (
        <Lines
          {...{ ...props, data, title: words.latency, chartOf: latencyChart, metric: 'usage.latency_p95' }}
          {...{ format: duration, formatExact: exactDuration }}
        />
      )}
    </Panel>
  );
}

/** Chooses the percentiles that are drawn. */
function Percentiles({ chosen }: { chosen: readonly string[] }): ReactNode {
  const setSearch = useSetSearch();
  return (
    <Several
      label={words.percentiles}
      choices={choosablePercentiles(chosen)}
      chosen={chosen}
      onChoose={(name) => setSearch({ percentiles: withPercentile(chosen, name) }, { replace: true })}
    />
  );
}

/** Failed calls by outcome, one on the other. */
export function Failures(props: OverTimeProps): ReactNode {
  const { question, filters, answer } = props;
  return (
    <Panel
      title={words.failures}
      answer={answer}
      actions={<IncidentLink question={question} filters={filters} />}
      height={240}
    >
      {(data) =>
        data.totals.errorRate === 0 ? (
          <Empty title={words.none}>{words.noneText}</Empty>
        ) : (
          <Lines
            {...{ ...props, data, title: words.failures, chartOf: failureChart, kind: 'bars' }}
            {...{ format: shortCount, formatExact: exactCount, height: 180 }}
          />
        )
      }
    </Panel>
  );
}

interface LinesProps extends OverTimeProps {
  data: Reliability;
  title: string;
  chartOf: (data: Reliability) => ReturnType<typeof errorRateChart>;
  kind?: 'lines' | 'bars';
  format: (value: number) => string;
  formatExact: (value: number) => string;
  height?: number;
  /** The metric of rules that the chart shows. */
  metric?: string;
}

/** A chart whose brush zooms, and whose buckets lead to their events. */
function Lines({ question, filters, data, chartOf, kind = 'lines', metric, ...look }: LinesProps): ReactNode {
  const { zoom, back } = useZoom();
  const toEvents = useToEvents(filters);
  const chart = useMemo(() => chartOf(data), [data, chartOf]);
  const values = (chart.series.find(({ id }) => id === 'p95') ?? chart.series[0])?.values ?? [];
  const { title, format, formatExact, height } = look;
  const { org, range, timeZone } = question;
  const csv = {
    ...reliabilityQuestion(question, filters, {
      granularity: range.granularity,
      percentile: Object.keys(data.totals.latencyMs).join(),
    }),
    format: 'csv',
  };
  return (
    <Chart
      {...{ title, data: chart, kind, timeZone, format, formatExact }}
      {...(height !== undefined && { height })}
      csvHref={`${apiBase}/analytics/v1/orgs/${encodeURIComponent(org)}/reliability${writeSearch(csv)}`}
      onBrush={zoom}
      onBack={back}
      onOpen={toEvents}
      more={<AlertFromChart {...{ metric, by: 'modelId', buckets: chart.buckets, values }} />}
    />
  );
}
