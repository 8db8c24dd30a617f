/** For each rule of Prometheus: series that make it fire, and series close to it that do not. */
export interface RuleFixture {
  /** When it is looked at. */
  at: string;
  /** Time from one value to the next; a minute by default. */
  interval?: string;
  /** Series by name, with values in promtool's notation. */
  firing: Readonly<Record<string, string>>;
  quiet: Readonly<Record<string, string>>;
  /** Labels of the alerts that fire, beside the severity. */
  labels: Readonly<Record<string, string>>;
}

const instance = 'a:8084';
const own = `instance="${instance}"`;
const pair = { org: 'acme', model: 'gpt-4o' };
const ofPair = 'org="acme",model="gpt-4o",instance="a:8084"';

/** Requests and failures a minute, for half an hour and for the time after it. */
function errors(requests: number, [before, after]: [number, number]): Record<string, string> {
  return {
    [`tidemark_org_requests_total{${ofPair}}`]: `0+${requests}x60`,
    [`tidemark_org_failures_total{${ofPair},status="error"}`]: `0+${before}x30 ${before * 30 + after}+${after}x30`,
    [`tidemark_org_failures_total{${ofPair},status="timeout"}`]: '0x60',
  };
}

function latency(quantile: string, values: string): Record<string, string> {
  return { [`tidemark_org_latency_seconds{${ofPair},quantile="${quantile}"}`]: values };
}

/** Events in ten minutes: of a week, and after it. */
function throughput(before: number, after: number): Record<string, string> {
  const stored = 'tidemark_ingest_events_total{outcome="stored",source="http"}';
  return { [stored]: `0+${before}x1008 ${before * 1_008 + after}+${after}x20` };
}

function ingested(conflicts: number): Record<string, string> {
  return {
    'tidemark_ingest_events_total{outcome="stored",source="http"}': '0+1000x60',
    'tidemark_ingest_events_total{outcome="conflict",source="http"}': `0+${conflicts}x60`,
  };
}

/** A gauge that stays above or below a threshold. */
function gauge(
  series: string,
  above: number,
  below: number,
  labels: Record<string, string> = {},
): RuleFixture {
  return {
    at: '30m',
    firing: { [series]: `${above}x60` },
    quiet: { [series]: `${below}x60` },
    labels,
  };
}

export const ruleFixtures: Readonly<Record<string, RuleFixture>> = {
  TidemarkDown: {
    at: '10m',
    firing: { [`up{job="tidemark",${own}}`]: '1x5 0x10', 'up{job="tidemark",instance="b:8084"}': '1x20' },
    quiet: { [`up{job="tidemark",${own}}`]: '1x8 0 1x10', 'up{job="postgres",instance="c:9187"}': '0x20' },
    labels: { job: 'tidemark', instance },
  },
  TidemarkAway: {
    at: '20m',
    firing: { 'tidemark_alert_evaluation_lag_seconds{instance="a:8084"}': '0x5 stale' },
    quiet: { 'tidemark_alert_evaluation_lag_seconds{instance="a:8084"}': '0x30' },
    labels: {},
  },
  TidemarkEvaluatorStalled: gauge(`tidemark_alert_evaluation_lag_seconds{${own}}`, 121, 120),
  TidemarkRulesFailing: {
    at: '40m',
    firing: { [`tidemark_alert_evaluation_duration_seconds_count{outcome="failed",${own}}`]: '0+1x60' },
    quiet: {
      [`tidemark_alert_evaluation_duration_seconds_count{outcome="failed",${own}}`]: '0x30 1x30',
      [`tidemark_alert_evaluation_duration_seconds_count{outcome="ok",${own}}`]: '0+60x60',
    },
    labels: {},
  },
  TidemarkOutboxGrowing: gauge(`tidemark_outbox_oldest_seconds{channel="slack",${own}}`, 121, 120, {
    channel: 'slack',
  }),
  TidemarkChannelFailing: {
    at: '90m',
    firing: { [`tidemark_outbox_dead{channel="email",${own}}`]: '3x80 4x20' },
    quiet: {
      [`tidemark_outbox_dead{channel="email",${own}}`]: '3x100',
      [`tidemark_notifications_total{channel="email",outcome="waiting",${own}}`]: '0x80 1x20',
    },
    labels: { channel: 'email' },
  },
  TidemarkCriticalNoticeForNobody: {
    at: '30m',
    firing: { tidemark_unreached_notices_total: '0x10 1x50' },
    quiet: { tidemark_unreached_notices_total: '1x60' },
    labels: {},
  },
  TidemarkExportsFailing: {
    at: '90m',
    firing: { 'tidemark_exports_total{outcome="failed",dataset="usage"}': '_x60 1x60' },
    quiet: { 'tidemark_exports_total{outcome="failed",dataset="usage"}': '2x120' },
    labels: { dataset: 'usage' },
  },
  TidemarkRedisAway: gauge(`tidemark_redis_up{${own}}`, 0, 1, { instance }),
  TidemarkRedisRefuses: {
    at: '30m',
    firing: { [`tidemark_redis_failures_total{${own}}`]: '0+10x60' },
    quiet: { [`tidemark_redis_failures_total{${own}}`]: '0+5x60' },
    labels: { instance },
  },
  TidemarkIngestionRefused: {
    at: '20m',
    firing: { [`tidemark_ingest_refused_total{reason="unavailable",source="http",${own}}`]: '0+5x30' },
    quiet: {
      [`tidemark_ingest_refused_total{reason="unavailable",source="http",${own}}`]: '0x5 5x30',
      [`tidemark_ingest_refused_total{reason="internal",source="rabbitmq",${own}}`]: '0+5x30',
    },
    labels: { reason: 'unavailable' },
  },
  TidemarkConflictRate: { at: '40m', firing: ingested(12), quiet: ingested(9), labels: {} },
  TidemarkThroughputLow: {
    at: '170h',
    interval: '10m',
    firing: throughput(600, 450),
    quiet: throughput(600, 500),
    labels: {},
  },
  TidemarkRollupsStale: gauge(`tidemark_rollup_lag_seconds{${own}}`, 301, 300),
  TidemarkFreshnessLag: {
    at: '30m',
    firing: {
      [`tidemark_rollup_lag_seconds{${own}}`]: '0x60',
      'tidemark_org_freshness_seconds{org="acme"}': '601x60',
    },
    quiet: {
      [`tidemark_rollup_lag_seconds{${own}}`]: '600x60',
      'tidemark_org_freshness_seconds{org="acme"}': '600x60',
    },
    labels: {},
  },
  TidemarkRollupStalled: gauge(`tidemark_rollup_lag_seconds{${own}}`, 3601, 3600),
  TidemarkRowsMissing: gauge(`tidemark_rollup_incomplete{what="batch",${own}}`, 1, 0, { what: 'batch' }),
  TidemarkRabbitmqAway: gauge(`tidemark_rabbitmq_state{state="away",${own}}`, 1, 0, { instance }),
  TidemarkRabbitmqPaused: gauge(`tidemark_rabbitmq_state{state="paused",${own}}`, 1, 0, { instance }),
  TidemarkRabbitmqBacklog: {
    at: '40m',
    firing: { [`tidemark_rabbitmq_backlog_messages{${own}}`]: '11000+100x60' },
    quiet: { [`tidemark_rabbitmq_backlog_messages{${own}}`]: '90000-100x60' },
    labels: { instance },
  },
  TidemarkDeadLetters: {
    at: '20m',
    firing: { [`tidemark_rabbitmq_dead_letters_total{${own}}`]: '0x10 1x30' },
    quiet: { [`tidemark_rabbitmq_dead_letters_total{${own}}`]: '1x40' },
    labels: {},
  },
  TidemarkMemoryHigh: gauge(`tidemark_process_resident_memory_bytes{${own}}`, 1.6e9, 1.4e9, { instance }),
  TidemarkCpuHigh: {
    at: '30m',
    firing: { [`tidemark_process_cpu_seconds_total{${own}}`]: '0+57x60' },
    quiet: { [`tidemark_process_cpu_seconds_total{${own}}`]: '0+50x60' },
    labels: { instance },
  },
  TidemarkHighErrorRate: {
    at: '50m',
    firing: errors(100, [1, 6]),
    // As bad, of fewer than 20 requests in five minutes.
    quiet: { ...errors(3, [1, 1]), [`tidemark_org_requests_total{${ofPair},other="yes"}`]: '0x60' },
    labels: pair,
  },
  TidemarkHighLatencyP95: {
    at: '30m',
    firing: latency('0.95', '2.1x60'),
    quiet: { ...latency('0.95', '1.9x60'), ...latency('0.99', '2.1x60') },
    labels: pair,
  },
  TidemarkHighLatencyP99: {
    at: '30m',
    firing: latency('0.99', '5.1x60'),
    quiet: latency('0.99', '4.9x60'),
    labels: pair,
  },
  TidemarkErrorRateSpike: {
    at: '46m',
    firing: errors(100, [1, 5]),
    quiet: errors(100, [3, 5]),
    labels: pair,
  },
  TidemarkLatencySpike: {
    at: '45m',
    firing: latency('0.95', '0.4x30 0.9x30'),
    quiet: latency('0.95', '0.4x30 0.7x30'),
    labels: pair,
  },
};
