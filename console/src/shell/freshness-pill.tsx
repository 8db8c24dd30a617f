import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { freshnessQuery } from '../api/shared-queries.ts';
import { duration } from '../numbers/duration.ts';
import { exactMoment, timeOfDay } from '../numbers/moment.ts';
import { Status } from '../parts/status.tsx';
import { useNow } from '../question/now.ts';
import { words } from '../words/shell.ts';

/** Up to which moment the numbers of the org are complete. */
export function FreshnessPill({ org, timeZone }: { org: string; timeZone: string }): ReactNode {
  const { now } = useNow();
  const { data, isError } = useQuery({ ...freshnessQuery(org, now), placeholderData: keepPreviousData });
  if (data === undefined) return isError ? <Status level="unknown">{words.freshness.unknown}</Status> : null;
  const { asOf, lagSeconds, status } = data;
  const title = words.freshness.title(exactMoment(asOf, timeZone));
  return (
    <span title={title}>
      {status === 'fresh' ? (
        <Status level="good">{words.freshness.complete(timeOfDay(asOf, timeZone, { seconds: true }))}</Status>
      ) : (
        <Status level="warning">{words.freshness.behind(duration(lagSeconds * 1_000))}</Status>
      )}
    </span>
  );
}
