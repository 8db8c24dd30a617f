import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { EventsLink } from '../../calls/events-link.tsx';
import type { CallFilters } from '../../calls/filters.ts';
import { type ReliabilityPoint, reliability } from '../../calls/reliability.ts';
import { exactCount } from '../../numbers/count.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Duration, Share, Value } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Question, useSetSearch } from '../../question/question.ts';
import { words } from '../../words/reliability.ts';

const MOST_MODELS = 50;

interface SlowestModelsProps {
  question: Question;
  filters: CallFilters;
  sort: string;
}

/** The models of the range side by side, the slowest first. */
export function SlowestModels({ question, filters, sort }: SlowestModelsProps): ReactNode {
  const setSearch = useSetSearch();
  const buckets = { granularity: 'none' as const, groupBy: 'model', top: MOST_MODELS };
  const answer = useQuery(reliability(question, filters, buckets));
  return (
    <Panel title={words.slowest.title} answer={answer} height={140}>
      {({ series, restGroups }) => (
        <DataTable
          {...{ caption: words.slowest.title, sort }}
          rows={series.filter(({ invocations }) => invocations > 0)}
          columns={columnsOf(filters, restGroups)}
          keyOf={({ modelId, rest }) => `${rest} ${modelId}`}
          onSort={(next) => setSearch({ sort: next })}
        />
      )}
    </Panel>
  );
}

function columnsOf(filters: CallFilters, restGroups: number): Column<ReliabilityPoint>[] {
  const { columns, others, open } = words.slowest;
  const percentile = (id: 'p50' | 'p95' | 'p99'): Column<ReliabilityPoint> => ({
    ...{ id, title: columns[id], isNumber: true, sortBy: ({ latencyMs }) => latencyMs[id] ?? null },
    cell: ({ latencyMs }) => <Duration ms={latencyMs[id]} />,
  });
  return [
    {
      ...{ id: 'model', title: columns.model, sortBy: ({ modelId }) => modelId ?? '' },
      cell: ({ modelId, rest }) =>
        rest || modelId == null ? (
          others(restGroups)
        ) : (
          <EventsLink filters={{ ...filters, model: modelId }} title={open(modelId)}>
            {modelId}
          </EventsLink>
        ),
    },
    percentile('p50'),
    percentile('p95'),
    percentile('p99'),
    {
      ...{ id: 'errorRate', title: columns.errorRate, isNumber: true, sortBy: ({ errorRate }) => errorRate },
      cell: ({ errorRate }) => <Share of={errorRate} />,
    },
    {
      ...{ id: 'calls', title: columns.calls, isNumber: true, sortBy: ({ invocations }) => invocations },
      cell: ({ invocations }) => <Value short={exactCount(invocations)} exact={exactCount(invocations)} />,
    },
  ];
}
