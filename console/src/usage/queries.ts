import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../api/client.ts';
import { type Question, timeOf } from '../question/question.ts';
import { rangeBefore } from '../range/range.ts';
import { readList } from '../url/search.ts';
import { type Filters, filtersIn, type Grouping, isLabel } from './usage.ts';

/** So many groups have points of their own; the service adds up the others. */
const MOST_GROUPS = 50;

/** The filters of the address as the API takes them. */
export function filtersOf(filters: Filters) {
  const given = Object.entries(filtersIn({ ...filters }));
  return Object.fromEntries(
    given.map(([name, text]) => [parameterOf(name as Grouping), readList(text).join(',')]),
  ) as { modelId?: string; clientId?: string; provider?: string; serviceTier?: string };
}

const parameters = {
  ...{ model: 'modelId', client: 'clientId', provider: 'provider', serviceTier: 'serviceTier' },
} as const;

/** A label has the same name there. */
function parameterOf(filter: Grouping): string {
  return isLabel(filter) ? filter : parameters[filter];
}

/** What was used, by bucket and group. */
export function usageByBucket(question: Question, filters: Filters, groupBy?: Grouping) {
  const query = {
    ...timeOf(question),
    ...filtersOf(filters),
    granularity: question.range.granularity,
    ...(groupBy !== undefined && { groupBy, top: MOST_GROUPS }),
  };
  return usage(question.org, query);
}

/** All that was used, by bucket, each beside that of the time before. */
export function usageCompared(question: Question, filters: Filters) {
  return usage(question.org, {
    ...{ ...timeOf(question), ...filtersOf(filters) },
    ...{ granularity: question.range.granularity, compare: 'previous' as const },
  });
}

/** What was used in the whole range, by group. */
export function usageByGroup(question: Question, filters: Filters, groupBy: Grouping) {
  return usage(question.org, {
    ...{ ...timeOf(question), ...filtersOf(filters), granularity: 'none' as const },
    ...{ groupBy, top: MOST_GROUPS },
  });
}

/** The same of the time before. */
export function usageBefore(question: Question, filters: Filters, groupBy: Grouping) {
  const { start, end } = rangeBefore(question.range, question.timeZone);
  return usageByGroup({ ...question, range: { ...question.range, start, end } }, filters, groupBy);
}

type UsageQuery = ReturnType<typeof timeOf> & {
  granularity: Question['range']['granularity'] | 'none';
  groupBy?: string;
  top?: number;
  compare?: 'previous';
};

function usage(org: string, query: UsageQuery) {
  return queryOptions({
    queryKey: ['usage', org, query],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/analytics/v1/orgs/{orgId}/usage', { params: { path: { orgId: org }, query }, signal }),
      ),
    placeholderData: keepPreviousData,
  });
}
