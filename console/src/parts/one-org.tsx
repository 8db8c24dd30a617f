import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { orgsQuery } from '../api/shared-queries.ts';
import { ALL_ORGS, useSetSearch } from '../question/question.ts';
import { words } from '../words/parts.ts';
import { Button } from './button.tsx';
import { Empty } from './empty.tsx';

/** A page about one org, which all orgs together do not have. */
export function OneOrg({ org, children }: { org: string; children: ReactNode }): ReactNode {
  if (org !== ALL_ORGS) return children;
  return <ChooseOrg />;
}

/** So many orgs are offered; the switcher has all. */
const MOST_OFFERED = 8;

function ChooseOrg(): ReactNode {
  const { data } = useQuery(orgsQuery);
  const setSearch = useSetSearch();
  const orgs = (data?.orgs ?? []).toSorted((one, other) => other.spendCents - one.spendCents);
  const offered = orgs.slice(0, MOST_OFFERED).map(({ orgId }) => (
    <Button key={orgId} onClick={() => setSearch({ org: orgId })}>
      {orgId}
    </Button>
  ));
  return (
    <Empty title={words.oneOrg.title} action={offered}>
      {words.oneOrg.text}
    </Empty>
  );
}
