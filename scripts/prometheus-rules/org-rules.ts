import type { PrometheusRule } from './rule.ts';

const dashboard = 'tidemark-reliability';

function requests(range: string, offset = ''): string {
  return `sum by (org, model) (increase(tidemark_org_requests_total[${range}]${offset}))`;
}

function errorRate(range: string, offset = ''): string {
  return `sum by (org, model) (increase(tidemark_org_failures_total[${range}]${offset}))
  / ${requests(range, offset)}`;
}

function latency(quantile: string): string {
  return `max by (org, model) (tidemark_org_latency_seconds{quantile="${quantile}"})`;
}

const WHOSE = '{{ $labels.model }} of {{ $labels.org }}';

/** How the models of each org do. They need the page /metrics/orgs, which ORG_METRICS=on turns on. */
export const orgRules: readonly PrometheusRule[] = [
  {
    name: 'TidemarkHighErrorRate',
    expr: `${errorRate('5m')} > 0.05
and ${requests('5m')} >= 20`,
    for: '5m',
    severity: 'critical',
    summary: `{{ $value | humanizePercentage }} of the requests to ${WHOSE} fail`,
    description: 'More than 5 % of at least 20 requests in five minutes failed, for five minutes.',
    dashboard,
  },
  {
    name: 'TidemarkHighLatencyP95',
    expr: `${latency('0.95')} > 2`,
    for: '10m',
    severity: 'warning',
    summary: `p95 of ${WHOSE} is {{ $value | humanizeDuration }}`,
    description: 'One of 20 requests takes longer than two seconds, for ten minutes.',
    dashboard,
  },
  {
    name: 'TidemarkHighLatencyP99',
    expr: `${latency('0.99')} > 5`,
    for: '5m',
    severity: 'warning',
    summary: `p99 of ${WHOSE} is {{ $value | humanizeDuration }}`,
    description: 'One of 100 requests takes longer than five seconds, for five minutes.',
    dashboard,
  },
  {
    name: 'TidemarkErrorRateSpike',
    expr: `${errorRate('15m')}
  > 3 * (${errorRate('15m', ' offset 15m')})
and ${errorRate('15m')} > 0.02
and ${requests('15m')} >= 50`,
    for: '0m',
    severity: 'critical',
    summary: `The error rate of ${WHOSE} has tripled to {{ $value | humanizePercentage }}`,
    description:
      'The error rate of the last 15 minutes is three times that of the 15 minutes before, and above 2 %.',
    dashboard,
  },
  {
    name: 'TidemarkLatencySpike',
    expr: `max by (org, model) (avg_over_time(tidemark_org_latency_seconds{quantile="0.95"}[15m]))
  > 2 * max by (org, model) (avg_over_time(tidemark_org_latency_seconds{quantile="0.95"}[15m] offset 15m))
and ${latency('0.95')} > 0.5`,
    for: '0m',
    severity: 'warning',
    summary: `p95 of ${WHOSE} has doubled to {{ $value | humanizeDuration }}`,
    description:
      'The p95 of the last 15 minutes is twice that of the 15 minutes before, and above half a second.',
    dashboard,
  },
];
