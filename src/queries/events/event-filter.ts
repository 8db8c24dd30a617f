import { catalogue } from '../../events/catalogue.ts';
import type { TimeRange } from '../reading/time-buckets.ts';
import type { AddParameter } from '../reading/waiting-work.ts';

/** The raw events of one org that a question is about. */
export interface EventFilter {
  orgId: string;
  range: TimeRange;
  type?: string | undefined;
  modelId?: string | undefined;
  clientId?: string | undefined;
  status?: string | undefined;
  errorCode?: string | undefined;
  correlationId?: string | undefined;
}

const equalities = {
  type: 'type',
  modelId: 'model_id',
  clientId: 'client_id',
  status: 'status',
  errorCode: 'error_code',
  correlationId: 'correlation_id',
} as const;

/** Rows that are no events of their own, such as the lines of an order. */
const lineTypes = catalogue.flatMap(({ lines }) => lines?.type.type ?? []);

/** The types of events that a filter can name. */
export const listedTypes = catalogue
  .filter(({ type, derived }) => !derived && !lineTypes.includes(type))
  .map(({ type }) => type);

/** The conditions of a filter on `analytics.events e`. */
export function eventConditions(filter: EventFilter, parameter: AddParameter): string[] {
  const conditions = [
    `e.org_id = ${parameter(filter.orgId)}`,
    `e.occurred_at >= ${parameter(new Date(filter.range.start))}`,
    `e.occurred_at < ${parameter(new Date(filter.range.end))}`,
  ];
  for (const [name, column] of Object.entries(equalities)) {
    const wanted = filter[name as keyof typeof equalities];
    if (wanted !== undefined) conditions.push(`e.${column} = ${parameter(wanted)}`);
  }
  if (filter.type === undefined) conditions.push(`e.type <> all(${parameter(lineTypes)}::text[])`);
  return conditions;
}
