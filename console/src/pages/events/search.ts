import { type CallFilters, readCallFilters } from '../../calls/filters.ts';
import { oneOf, readShared, type SharedSearch } from '../../url/search.ts';

export const eventTypes = [
  'usage',
  'api_request',
  'ml_job',
  'order',
  'storefront',
  'inventory',
  'error',
  'alert',
] as const;
export type EventType = (typeof eventTypes)[number];

export interface EventFilters extends CallFilters {
  type?: EventType;
  correlation?: string;
}

export interface EventsSearch extends SharedSearch, EventFilters {
  /** The id of the event that is open. */
  event?: string;
}

export function readEventFilters(search: Record<string, unknown>): EventFilters {
  const type = oneOf(eventTypes, search.type);
  const { correlation } = search;
  return {
    ...readCallFilters(search),
    ...(type !== undefined && { type }),
    ...(typeof correlation === 'string' && correlation !== '' && { correlation }),
  };
}

export function readEvents(search: Record<string, unknown>): EventsSearch {
  const { event } = search;
  return {
    ...{ ...readShared(search), ...readEventFilters(search) },
    ...(typeof event === 'string' && event !== '' && { event }),
  };
}
