import { writeSearch } from '../url/search.ts';

/** What pages about calls are limited to, as their addresses name it. */
export const callFilters = ['model', 'client', 'status', 'code'] as const;
export type CallFilter = (typeof callFilters)[number];
export type CallFilters = { [Filter in CallFilter]?: string };

/** The names of the API. */
const parameters = {
  model: 'modelId',
  client: 'clientId',
  status: 'status',
  code: 'errorCode',
} as const;

/** The filters of an address. */
export function readCallFilters(search: Record<string, unknown>): CallFilters {
  return Object.fromEntries(
    callFilters.flatMap((filter) => {
      const value = search[filter];
      return typeof value === 'string' && value !== '' ? [[filter, value]] : [];
    }),
  );
}

/** The filters as the API takes them. */
export function apiFiltersOf(filters: CallFilters) {
  const given = callFilters.filter((filter) => filters[filter] !== undefined);
  return Object.fromEntries(given.map((filter) => [parameters[filter], filters[filter]])) as {
    [Filter in CallFilter as (typeof parameters)[Filter]]?: string;
  };
}

/** Filters of a list that the file of an incident cannot have. */
const listFilters = ['type', 'client', 'correlation'] as const;
type ListFilter = (typeof listFilters)[number];
export type IncidentFilters = CallFilters & { [Filter in ListFilter]?: string };

interface IncidentFile {
  path: string;
  /** The filters of the page that the file does not have. */
  without: ListFilter[];
}

/** The raw events of an incident as a file. All orgs together have none. */
export function incidentFile(
  org: string,
  { start, end }: { start: number; end: number },
  filters: IncidentFilters,
): IncidentFile | undefined {
  if (org === '*') return undefined;
  const { modelId, status, errorCode } = apiFiltersOf(filters);
  const query = {
    ...{ start: new Date(start).toISOString(), end: new Date(end).toISOString() },
    ...{ modelId, status, errorCode },
  };
  return {
    path: `/analytics/v1/orgs/${encodeURIComponent(org)}/events.csv${writeSearch(query)}`,
    without: listFilters.filter((filter) => filters[filter] !== undefined),
  };
}
