import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { orgsQuery } from '../../api/shared-queries.ts';
import { ago } from '../../numbers/ago.ts';
import { exactMoment } from '../../numbers/moment.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Money } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useNow } from '../../question/now.ts';
import { words } from '../../words/overview.ts';

type Org = Awaited<ReturnType<NonNullable<typeof orgsQuery.queryFn>>>['orgs'][number];

const MOST_SHOWN = 10;
const { orgs: text } = words;

/** The orgs that spend most, each with the way to its own Overview. */
export function LargestOrgs({ timeZone }: { timeZone: string }): ReactNode {
  const answer = useQuery(orgsQuery);
  const { now } = useNow();
  return (
    <Panel title={text.title} note={text.note} answer={answer} height={180}>
      {({ orgs, next }) =>
        orgs.length === 0 ? (
          <Empty title={text.none}>{text.noneText}</Empty>
        ) : (
          <>
            <DataTable
              {...{
                caption: text.title,
                columns: columnsAt(now, timeZone),
                keyOf: ({ orgId }: Org) => orgId,
              }}
              rows={orgs.toSorted((one, other) => other.spendCents - one.spendCents).slice(0, MOST_SHOWN)}
            />
            {next !== null && <p>{text.first(orgs.length)}</p>}
          </>
        )
      }
    </Panel>
  );
}

function columnsAt(now: number, timeZone: string): Column<Org>[] {
  return [
    {
      ...{ id: 'org', title: text.columns.org },
      cell: ({ orgId }) => (
        <Link to="/" search={((search: object) => ({ ...search, org: orgId })) as never}>
          {orgId}
        </Link>
      ),
    },
    {
      ...{ id: 'spend', title: text.columns.spend, isNumber: true },
      cell: ({ spendCents }) => <Money dollars={spendCents / 100} />,
    },
    {
      ...{ id: 'last', title: text.columns.last, isNumber: true },
      cell: ({ lastEventAt }) =>
        lastEventAt === null ? (
          text.never
        ) : (
          <time dateTime={lastEventAt} title={exactMoment(lastEventAt, timeZone)}>
            {ago(lastEventAt, now)}
          </time>
        ),
    },
  ];
}
