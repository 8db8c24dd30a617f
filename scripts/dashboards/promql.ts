import type { VariableModel } from '@grafana/schema';
import { type Query, queriedVariable } from './panel.ts';

const CHOSEN = 'job=~"$job", instance=~"$instance"';

/** PromQL of the processes that the dashboard has chosen: every metric of ours gets the two labels. */
function chosen(promql: string): string {
  return promql.replace(/\b(tidemark_\w+)(\{([^}]*)\})?/g, (_, name: string, _braces, own?: string) =>
    own === undefined ? `${name}{${CHOSEN}}` : `${name}{${CHOSEN}, ${own}}`,
  );
}

/** A query of the chosen processes. */
export function ask(promql: string, legend: string): Query {
  return { text: chosen(promql), legend };
}

/** A percentile of a histogram. */
export function quantile(share: number, histogram: string, by = ''): string {
  const labels = by === '' ? 'le' : `le, ${by}`;
  return `histogram_quantile(${share}, sum by (${labels}) (rate(${histogram}_bucket[$__rate_interval])))`;
}

/** Which jobs and processes a dashboard shows. */
export const processVariables: readonly VariableModel[] = [
  queriedVariable('prometheus', {
    name: 'job',
    label: 'Job',
    query: 'label_values(tidemark_queue_events, job)',
    all: true,
  }),
  queriedVariable('prometheus', {
    name: 'instance',
    label: 'Process',
    query: 'label_values(tidemark_queue_events{job=~"$job"}, instance)',
    all: true,
  }),
];
