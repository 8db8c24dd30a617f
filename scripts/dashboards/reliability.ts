import { dashboardOf, type PanelContent } from './panel.ts';
import { CHOSEN_SERIES, orgVariables } from './sql.ts';

const INTERVAL = '1m';

function byModel(column: string): string {
  return `select bucket as "time", model_id as metric, ${column} as value
from analytics.reliability_series(${CHOSEN_SERIES})
order by 1, 2`;
}

/** Columns of all chosen models together; percentiles are over their requests, not averages of percentiles. */
function together(...columns: readonly string[]): string {
  return `select bucket as "time", ${columns.join(', ')}
from analytics.reliability_series(${CHOSEN_SERIES}, by_model => false)
order by 1`;
}

function latency(percentile: 'p50' | 'p95' | 'p99'): PanelContent {
  return {
    title: `${percentile} latency by model`,
    description: `${percentile} of the time from request to last byte, within 1 % of the exact value.`,
    unit: 'ms',
    interval: INTERVAL,
    width: 8,
    queries: [{ text: byModel(`${percentile}_ms`) }],
  };
}

/** How often calls of an org fail, and how long they take. */
export const reliability = dashboardOf({
  uid: 'tidemark-reliability',
  title: 'Tidemark reliability',
  description: 'Error rate, failures by kind and latency percentiles of an org, by model.',
  time: { from: 'now-24h', to: 'now' },
  source: 'grafana-postgresql-datasource',
  variables: orgVariables,
  panels: [
    {
      title: 'Error rate',
      description: 'Share of the requests that failed, over all chosen models.',
      unit: 'percentunit',
      interval: INTERVAL,
      thresholds: { warning: 0.02, critical: 0.05 },
      queries: [{ text: together('error_rate') }],
    },
    {
      title: 'Latency',
      description: 'Percentiles over the requests of all chosen models.',
      unit: 'ms',
      interval: INTERVAL,
      queries: [{ text: together('p50_ms as "p50"', 'p95_ms as "p95"', 'p99_ms as "p99"') }],
    },
    {
      title: 'Error rate by model',
      description: 'Share of the requests that failed.',
      unit: 'percentunit',
      interval: INTERVAL,
      queries: [{ text: byModel('error_rate') }],
    },
    {
      title: 'Failures by kind',
      description: 'Failed requests in each interval: errors, timeouts and throttled requests.',
      unit: 'short',
      stacked: true,
      interval: INTERVAL,
      queries: [{ text: together('errors', 'timeouts', 'throttled') }],
    },
    latency('p50'),
    latency('p95'),
    latency('p99'),
    {
      title: 'Requests by model',
      description: 'Requests in each interval. A rate over few requests says little.',
      unit: 'short',
      stacked: true,
      interval: INTERVAL,
      width: 24,
      queries: [{ text: byModel('requests') }],
    },
  ],
});
