import type { TProperties } from 'typebox';
import { Type } from 'typebox';
import type { Queryable } from '../../database/pool.ts';
import { isLabelName, type LabelName, labelKeyPattern } from '../../events/labels.ts';
import type { LabelFilters } from '../../queries/reading/alternatives.ts';
import { type NamedLabel, refuseUnknownLabels } from '../../series/label-dimensions.ts';
import { shortText } from './texts.ts';

/** Matches one label as it is named in a question. */
export const labelPattern = `label\\.${labelKeyPattern}`;

/** The query parameters of a question that can also be filtered by labels, such as `label.team=search`. */
export function withLabelFilters<T extends TProperties>(properties: T) {
  return Type.Object(properties, {
    patternProperties: {
      [`^${labelPattern}$`]: shortText(2_000, 'Only this value of the label, or these, separated by commas.'),
    },
  });
}

/** A parameter for what an answer is grouped by: one of some dimensions, or a label. */
export function groupingParameter<T extends string>(dimensions: readonly T[], description: string) {
  const names = dimensions.length === 0 ? '' : `${dimensions.join(', ')} or `;
  return Type.Optional(
    Type.Unsafe<T | LabelName>({
      type: 'string',
      pattern: `^(${[...dimensions, labelPattern].join('|')})$`,
      'x-expected': `${names}label.KEY, such as label.team`,
      maxLength: 100,
      description,
    }),
  );
}

/**
 * Reads the filters by labels of a query whose `groupBy` or `breakdown` may be a label too.
 * @throws {CodedError} `invalid_request`, for labels that never were dimensions of the org, and for all orgs together
 */
export async function readLabels(
  database: Queryable,
  orgId: string,
  query: object,
): Promise<{ labels?: LabelFilters }> {
  await refuseUnknownLabels(database, orgId, namedLabelsOf(query));
  const labels = labelFiltersOf(query);
  return Object.keys(labels).length === 0 ? {} : { labels };
}

/** What may name a label in a query, besides filters. */
interface GroupedQuery {
  groupBy?: string | undefined;
  breakdown?: string | undefined;
}

/** The filters of a query by labels. */
function labelFiltersOf(query: object): LabelFilters {
  return Object.fromEntries(Object.entries(query).filter(([name]) => isLabelName(name)));
}

/** The labels that a query names, each with its parameter. */
function namedLabelsOf(query: object): NamedLabel[] {
  const names = query as GroupedQuery;
  const grouped = (['groupBy', 'breakdown'] as const).flatMap((parameter) =>
    (names[parameter]?.split(',') ?? []).filter(isLabelName).map((name) => ({ name, parameter })),
  );
  const filtered = Object.keys(query).filter(isLabelName);
  return [...grouped, ...filtered.map((name) => ({ name, parameter: name }))];
}
