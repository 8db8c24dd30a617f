import { catalogue } from '../../events/catalogue.ts';
import type { DimensionColumn } from '../../events/columns.ts';
import { keyOfLabel, type LabelName } from '../../events/labels.ts';
import { OTHER } from '../../series/coarse-series.ts';
import type { SeriesFilters } from '../reading/query-rollups.ts';
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
  /** An entry of the metadata. */
  metadata?: { key: string; value: string } | undefined;
  /** The values of labels that are let through, by their names, whether the labels are dimensions or not. */
  labels?: Readonly<Record<LabelName, string | string[]>> | undefined;
}

/** Filters that rollups know too. */
const dimensions = {
  modelId: 'model_id',
  clientId: 'client_id',
  status: 'status',
  errorCode: 'error_code',
} as const;

/** Rows that are no events of their own, such as the lines of an order. */
export const lineTypes = catalogue.flatMap(({ lines }) => lines?.type.type ?? []);

/** The types of events that a filter can name. */
export const listedTypes = catalogue
  .filter(({ type, derived }) => !derived && !lineTypes.includes(type))
  .map(({ type }) => type);

/** The types that a filter lets through. */
export function typesOf({ type }: EventFilter): readonly string[] {
  return type === undefined ? listedTypes : [type];
}

/** The values of columns that a filter asks for. */
function wantedValues(filter: EventFilter): [DimensionColumn, string][] {
  return Object.entries(dimensions).flatMap(([name, column]): [DimensionColumn, string][] => {
    const wanted = filter[name as keyof typeof dimensions];
    return wanted === undefined ? [] : [[column, wanted]];
  });
}

/**
 * What a filter asks of the series of rollups. They know neither correlation ids nor metadata nor labels, and some clients
 * only together with others.
 */
export function seriesFiltersOf(filter: EventFilter): SeriesFilters {
  return Object.fromEntries(
    wantedValues(filter).map(([column, value]) => [column, column === 'client_id' ? [value, OTHER] : value]),
  );
}

/** The conditions of a filter on `analytics.events e`, with those of its range. */
export function eventConditions(filter: EventFilter, parameter: AddParameter): string[] {
  const { orgId, range, correlationId, metadata, labels = {} } = filter;
  const conditions = [
    `e.org_id = ${parameter(orgId)}`,
    `e.type = any(${parameter(typesOf(filter))}::text[])`,
    `e.occurred_at >= ${parameter(new Date(range.start))}`,
    `e.occurred_at < ${parameter(new Date(range.end))}`,
  ];
  for (const [column, value] of wantedValues(filter)) conditions.push(`e.${column} = ${parameter(value)}`);
  if (correlationId !== undefined) conditions.push(`e.correlation_id = ${parameter(correlationId)}`);
  if (metadata !== undefined) {
    const { key, value } = metadata;
    conditions.push(`e.attributes->'metadata'->>${parameter(key)} = ${parameter(value)}`);
  }
  for (const [name, value] of Object.entries(labels))
    conditions.push(
      `e.labels->>${parameter(keyOfLabel(name as LabelName))} = any(${parameter([value].flat())}::text[])`,
    );
  return conditions;
}
