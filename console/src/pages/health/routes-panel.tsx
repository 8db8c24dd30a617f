import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { apiBase } from '../../api/base.ts';
import { exactCount } from '../../numbers/count.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Duration, Share } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import type { Question } from '../../question/question.ts';
import { writeSearch } from '../../url/search.ts';
import { words } from '../../words/health.ts';
import { type Routes, routesQuestion, worstRoutes } from './queries.ts';

type Route = Routes['routes'][number];

const { columns: titles } = words.routes;

const columns: readonly Column<Route>[] = [
  {
    ...{ id: 'route', title: titles.route },
    cell: ({ method, route }) => (
      <code>
        {method} {route}
      </code>
    ),
  },
  {
    ...{ id: 'requests', title: titles.requests, isNumber: true },
    cell: ({ requests }) => exactCount(requests),
  },
  {
    ...{ id: 'errorRate', title: titles.errorRate, isNumber: true },
    cell: ({ errorRate }) => <Share of={errorRate} />,
  },
  {
    ...{ id: 'clientErrorRate', title: titles.clientErrorRate, isNumber: true },
    cell: ({ clientErrorRate }) => <Share of={clientErrorRate} />,
  },
  ...(['p50', 'p95', 'p99'] as const).map((id) => ({
    ...{ id, title: titles[id], isNumber: true },
    cell: ({ latencyMs }: Route) => <Duration ms={latencyMs[id]} />,
  })),
];

/** The routes of the platform, the worst first, as the service orders them. */
export function RoutesPanel({ question }: { question: Question }): ReactNode {
  const answer = useQuery(worstRoutes(question));
  const csv = writeSearch({ ...routesQuestion(question), format: 'csv' });
  const actions = (
    <a href={`${apiBase}/api/v1/analytics/health/api${csv}`} download>
      {words.routes.csv}
    </a>
  );
  return (
    <Panel {...{ title: words.routes.title, answer, actions }} height={160}>
      {({ routes }) =>
        routes.length === 0 ? (
          <Empty title={words.routes.none}>{words.routes.noneText}</Empty>
        ) : (
          <DataTable
            {...{ caption: words.routes.title, columns, rows: routes }}
            keyOf={({ method, route }) => `${method} ${route}`}
          />
        )
      }
    </Panel>
  );
}
