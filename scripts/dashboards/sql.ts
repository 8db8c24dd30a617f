import type { VariableModel } from '@grafana/schema';
import { queriedVariable } from './panel.ts';

const SOURCE = 'grafana-postgresql-datasource';

/** The arguments of the series functions: the org, the range and the step that the dashboard shows, and its models. */
export const CHOSEN_SERIES =
  "${org:sqlstring}, $__timeFrom(), $__timeTo(), '$__interval', array[${model:sqlstring}]::text[]";

/** One line for each model: a column of the usage series, as an expression. */
export function usageByModel(expression: string): string {
  return `select bucket as "time", model_id as metric, ${expression} as value
from analytics.usage_series(${CHOSEN_SERIES})
order by 1, 2`;
}

/** Which org a dashboard shows, and which of its models. */
export const orgVariables: readonly VariableModel[] = [
  queriedVariable(SOURCE, {
    name: 'org',
    label: 'Org',
    query: `select org_id as __value, case org_id when '*' then 'All orgs' else org_id end as __text
from analytics.usage_orgs()`,
    all: false,
  }),
  queriedVariable(SOURCE, {
    name: 'model',
    label: 'Model',
    query: 'select model_id from analytics.org_freshness(${org:sqlstring})',
    all: true,
  }),
];
