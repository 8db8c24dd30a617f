import { isLabelName, type LabelName } from '../../events/labels.ts';
import type { EventFilter } from '../../queries/events/event-filter.ts';
import { refuseParameter } from '../fields/query-parameters.ts';

/** The filters of a query for raw events, without their range. */
interface EventQuery {
  type?: string;
  modelId?: string;
  clientId?: string;
  status?: string;
  errorCode?: string;
  correlationId?: string;
  metadata?: string;
}

/** Reads the filters of a query, among them those by labels such as `label.team=search`. */
export function readEventFilters(query: EventQuery): Omit<EventFilter, 'orgId' | 'range'> {
  const { type, modelId, clientId, status, errorCode, correlationId, metadata } = query;
  const labels = Object.entries(query).filter((entry): entry is [LabelName, string] => isLabelName(entry[0]));
  return {
    ...{ type, modelId, clientId, status, errorCode, correlationId },
    ...(metadata !== undefined && { metadata: readEntry(metadata) }),
    ...(labels.length > 0 && { labels: Object.fromEntries(labels) }),
  };
}

/** `team=search` as an entry of the metadata. The value may have further equals signs. */
function readEntry(text: string): { key: string; value: string } {
  const at = text.indexOf('=');
  if (at > 0) return { key: text.slice(0, at), value: text.slice(at + 1) };
  throw refuseParameter('metadata', 'must be the name of an entry, =, and its value, such as team=search');
}
