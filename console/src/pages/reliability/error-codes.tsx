import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { apiBase } from '../../api/base.ts';
import { EventsLink } from '../../calls/events-link.tsx';
import type { CallFilters } from '../../calls/filters.ts';
import { type ReliabilityPoint, reliability, reliabilityQuestion } from '../../calls/reliability.ts';
import { exactCount } from '../../numbers/count.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ShareBar } from '../../parts/figures/share-bar.tsx';
import { Duration } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import type { Question } from '../../question/question.ts';
import { writeSearch } from '../../url/search.ts';
import { words } from '../../words/reliability.ts';

const MOST_CODES = 50;
const FAILED = 'error,timeout,throttled';

interface ErrorCodesProps {
  question: Question;
  filters: CallFilters;
}

/** The failed calls by their codes, the most frequent first. */
export function ErrorCodes({ question, filters }: ErrorCodesProps): ReactNode {
  const failed = { ...filters, status: filters.status ?? FAILED };
  const buckets = { granularity: 'none' as const, groupBy: 'errorCode', top: MOST_CODES };
  const answer = useQuery(reliability(question, failed, buckets));
  const csv = writeSearch({ ...reliabilityQuestion(question, failed, buckets), format: 'csv' });
  const actions = (
    <a href={`${apiBase}/analytics/v1/orgs/${encodeURIComponent(question.org)}/reliability${csv}`} download>
      {words.csv}
    </a>
  );
  return (
    <Panel title={words.codes.title} answer={answer} actions={actions} height={140}>
      {({ series, totals, restGroups }) => {
        const rows = series
          .filter(({ invocations }) => invocations > 0)
          .sort((one, other) => other.invocations - one.invocations);
        if (rows.length === 0) return <Empty title={words.codes.none}>{words.codes.noneText}</Empty>;
        return (
          <DataTable
            {...{ caption: words.codes.title, rows }}
            columns={columnsOf({ filters, failed: totals.invocations, restGroups })}
            keyOf={({ errorCode, rest }) => `${rest} ${errorCode}`}
          />
        );
      }}
    </Panel>
  );
}

interface Shown {
  filters: CallFilters;
  /** How many calls failed. */
  failed: number;
  restGroups: number;
}

function columnsOf({ filters, failed, restGroups }: Shown): Column<ReliabilityPoint>[] {
  const { columns } = words.codes;
  return [
    {
      ...{ id: 'code', title: columns.code },
      cell: ({ errorCode, rest }) => {
        if (rest) return words.codes.others(restGroups);
        if (errorCode == null) return words.codes.noCode;
        return (
          <EventsLink filters={{ ...filters, code: errorCode }} title={words.codes.open(errorCode)}>
            <code>{errorCode}</code>
          </EventsLink>
        );
      },
    },
    {
      ...{ id: 'calls', title: columns.calls, isNumber: true },
      cell: ({ invocations }) => exactCount(invocations),
    },
    {
      ...{ id: 'share', title: columns.share, isNumber: true },
      cell: ({ invocations }) => <ShareBar share={failed === 0 ? null : invocations / failed} />,
    },
    {
      ...{ id: 'p95', title: columns.p95, isNumber: true },
      cell: ({ latencyMs }) => <Duration ms={latencyMs.p95} />,
    },
  ];
}
