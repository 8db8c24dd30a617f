import { queryOptions, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';
import { bytes } from '../../numbers/bytes.ts';
import { exactCount } from '../../numbers/count.ts';
import { date, exactMoment } from '../../numbers/moment.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/figures/facts.tsx';
import { ShareBar } from '../../parts/figures/share-bar.tsx';
import { Value } from '../../parts/figures/value.tsx';
import { OneOrg } from '../../parts/one-org.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { useQuestion } from '../../question/question.ts';
import { words } from '../../words/settings/limits.ts';

type Limits = Answer<'/analytics/v1/orgs/{orgId}/limits'>;
type Quota = Limits['limits'][number];

const NEAR = 0.8;

/** The quotas of an org, and how long its events are kept. */
export function LimitsPage(): ReactNode {
  const { org, timeZone } = useQuestion();
  return (
    <OneOrg org={org}>
      <Quotas org={org} timeZone={timeZone} />
    </OneOrg>
  );
}

function limitsOf(org: string) {
  return queryOptions({
    queryKey: ['limits', org],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/analytics/v1/orgs/{orgId}/limits', { params: { path: { orgId: org } }, signal })),
  });
}

function Quotas({ org, timeZone }: { org: string; timeZone: string }): ReactNode {
  const answer = useQuery(limitsOf(org));
  return (
    <>
      <Panel title={words.title} note={words.note} answer={answer} height={400}>
        {({ limits }) => (
          <DataTable
            {...{ caption: words.title, columns, rows: limits.toSorted(byShare) }}
            keyOf={({ quota }) => quota}
          />
        )}
      </Panel>
      <Panel title={words.retention.title} note={words.retention.note} answer={answer} height={60}>
        {({ rawRetention: { days, ownDays, keptFrom } }) => (
          <Facts
            facts={{
              [words.retention.kept]: words.retention.days(days),
              [words.retention.source]: ownDays === null ? words.retention.all : words.retention.own,
              [words.retention.from]:
                keptFrom === null ? (
                  words.retention.nothingRemoved
                ) : (
                  <time dateTime={keptFrom} title={exactMoment(keptFrom, timeZone)}>
                    {date(keptFrom, timeZone, { year: true })}
                  </time>
                ),
            }}
          />
        )}
      </Panel>
    </>
  );
}

function shareOf({ used, limit }: Quota): number | null {
  return limit === null || limit === 0 ? null : used / limit;
}

/** The fullest first. */
function byShare(one: Quota, other: Quota): number {
  return (shareOf(other) ?? -1) - (shareOf(one) ?? -1);
}

function amount(quota: Quota['quota'], value: number): ReactNode {
  const exact = exactCount(value);
  return <Value short={quota === 'stored_bytes' ? bytes(value) : exact} exact={exact} />;
}

const columns: readonly Column<Quota>[] = [
  { ...{ id: 'quota', title: words.columns.quota }, cell: ({ quota }) => words.quotas[quota] },
  {
    ...{ id: 'used', title: words.columns.used, isNumber: true },
    cell: ({ quota, used }) => amount(quota, used),
  },
  {
    ...{ id: 'limit', title: words.columns.limit, isNumber: true },
    cell: ({ quota, limit }) => (limit === null ? words.unlimited : amount(quota, limit)),
  },
  {
    ...{ id: 'share', title: words.columns.share, isNumber: true },
    cell: (quota) => <ShareBar share={shareOf(quota)} />,
  },
  {
    ...{ id: 'state', title: words.columns.state },
    cell: (quota) => {
      const share = shareOf(quota) ?? 0;
      if (share >= 1) return <Status level="critical">{words.states.full}</Status>;
      if (share >= NEAR) return <Status level="warning">{words.states.near}</Status>;
      return <Status level="good">{words.states.free}</Status>;
    },
  },
];
