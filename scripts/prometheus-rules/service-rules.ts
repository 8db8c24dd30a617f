import type { PrometheusRule } from './rule.ts';

/** Whether the processes run and evaluate, and people are told. */
export const serviceRules: readonly PrometheusRule[] = [
  {
    name: 'TidemarkDown',
    expr: 'up{job=~".*tidemark.*"} == 0',
    for: '2m',
    severity: 'critical',
    summary: '{{ $labels.instance }} does not answer',
    description:
      'Prometheus cannot scrape this process. Other processes may still serve callers; TidemarkAway says when none does.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkAway',
    expr: 'absent(tidemark_alert_evaluation_lag_seconds)',
    for: '2m',
    severity: 'critical',
    summary: 'No process of Tidemark answers',
    description:
      'No process has answered a scrape for two minutes. Events are refused and no rule is evaluated.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkEvaluatorStalled',
    expr: 'max(tidemark_alert_evaluation_lag_seconds) > 120',
    for: '2m',
    severity: 'critical',
    summary: 'An alert rule has been due for {{ $value | humanizeDuration }}',
    description:
      'No worker evaluates alert rules, or they are too slow. Every process reports the lag, also one that is no worker.',
    dashboard: 'tidemark-alerts-and-notices',
  },
  {
    name: 'TidemarkRulesFailing',
    expr: 'sum(increase(tidemark_alert_evaluation_duration_seconds_count{outcome="failed"}[10m])) > 0',
    for: '15m',
    severity: 'warning',
    summary: 'Alert rules cannot be evaluated',
    description: 'Evaluations have failed for a quarter of an hour. A rule that fails cannot fire.',
    dashboard: 'tidemark-alerts-and-notices',
  },
  {
    name: 'TidemarkOutboxGrowing',
    expr: 'max by (channel) (tidemark_outbox_oldest_seconds) > 120',
    for: '2m',
    severity: 'critical',
    summary: 'A notice by {{ $labels.channel }} has been due for {{ $value | humanizeDuration }}',
    description: 'Notices wait and are not sent: no worker sends, or the provider hangs.',
    dashboard: 'tidemark-alerts-and-notices',
  },
  {
    name: 'TidemarkChannelFailing',
    expr: `max by (channel) (tidemark_outbox_dead)
  > (max by (channel) (tidemark_outbox_dead offset 1h) or 0 * max by (channel) (tidemark_outbox_dead))
or sum by (channel) (increase(tidemark_notifications_total{outcome=~"waiting|dead"}[15m])) > 2`,
    for: '0m',
    severity: 'warning',
    summary: 'Notices by {{ $labels.channel }} are not delivered',
    description: 'More notices are dead than an hour ago, or several attempts of the last 15 minutes failed.',
    dashboard: 'tidemark-alerts-and-notices',
  },
  {
    name: 'TidemarkCriticalNoticeForNobody',
    expr: 'sum(increase(tidemark_unreached_notices_total[1h])) > 0',
    for: '0m',
    severity: 'critical',
    summary: 'A critical notice had no recipient outside the product',
    description:
      'Neither the rule, nor preferences, nor the default recipients name anybody. The log names the alert.',
    dashboard: 'tidemark-alerts-and-notices',
  },
  {
    name: 'TidemarkExportsFailing',
    // A counter begins with its first failure, so the series may not have been there an hour ago.
    expr: `sum by (dataset) (tidemark_exports_total{outcome="failed"})
  - (sum by (dataset) (tidemark_exports_total{outcome="failed"} offset 1h)
    or 0 * sum by (dataset) (tidemark_exports_total{outcome="failed"})) > 0`,
    for: '0m',
    severity: 'warning',
    summary: '{{ $value | humanize }} exports of {{ $labels.dataset }} failed for good',
    description:
      'Within an hour, exports were given up after up to three attempts. Each job says why: a disk or S3 that refuses, or numbers that do not reconcile.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkRedisAway',
    expr: 'min by (instance) (tidemark_redis_up) == 0',
    for: '1m',
    severity: 'warning',
    summary: '{{ $labels.instance }} continues without Redis',
    description: 'No request fails. Rate limits and cached answers are no longer shared by the processes.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkRedisRefuses',
    expr: 'sum by (instance) (rate(tidemark_redis_failures_total[5m])) > 0.1',
    for: '10m',
    severity: 'warning',
    summary: '{{ $labels.instance }} gets no answer to {{ $value | humanize }} Redis commands a second',
    description:
      'Redis may be connected and refuse commands: it is full, lacks permissions or is a node of a cluster. No request fails.',
    dashboard: 'tidemark-service',
  },
];

/** Whether events get in and into the numbers. */
export const dataRules: readonly PrometheusRule[] = [
  {
    name: 'TidemarkIngestionRefused',
    // Messages of RabbitMQ are tried again and not refused; TidemarkRabbitmqPaused tells of those.
    expr: 'sum by (reason) (rate(tidemark_ingest_refused_total{source="http"}[5m])) > 0',
    for: '5m',
    severity: 'critical',
    summary: 'Submissions are refused ({{ $labels.reason }}), {{ $value | humanize }} a second',
    description:
      'For five minutes callers have been told to send again. "overloaded" is too much at once; "unavailable" is a database that is away, locked or out of disk.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkConflictRate',
    expr: `sum(rate(tidemark_ingest_events_total{outcome="conflict"}[15m]))
  / sum(rate(tidemark_ingest_events_total[15m])) > 0.01`,
    for: '10m',
    severity: 'warning',
    summary: '{{ $value | humanizePercentage }} of the events conflict with a stored one',
    description:
      'A sender uses ids again for other events. The first event of an id counts, so some usage is missing.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkThroughputLow',
    expr: `sum(rate(tidemark_ingest_events_total{outcome="stored"}[1h]))
  < 0.8 * sum(rate(tidemark_ingest_events_total{outcome="stored"}[1h] offset 1w))
and sum(rate(tidemark_ingest_events_total{outcome="stored"}[1h] offset 1w)) > 0.1`,
    for: '15m',
    severity: 'warning',
    summary: 'Only {{ $value | humanize }} events a second are stored',
    description: 'Less than 80 % of the events of the same hour a week ago. A sender may be away or refused.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkRollupsStale',
    expr: 'max(tidemark_rollup_lag_seconds) > 300 or max(tidemark_org_freshness_seconds) > 300',
    for: '2m',
    severity: 'warning',
    summary: 'Numbers are {{ $value | humanizeDuration }} behind',
    description: 'Events that were stored five minutes ago are in no numbers yet.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkFreshnessLag',
    expr: 'max(tidemark_rollup_lag_seconds) > 600 or max(tidemark_org_freshness_seconds) > 600',
    for: '2m',
    severity: 'critical',
    summary: 'Numbers are {{ $value | humanizeDuration }} behind',
    description: 'The freshness of answers is "delayed". Alert rules over these numbers are late too.',
    dashboard: 'tidemark-usage',
  },
  {
    name: 'TidemarkRollupStalled',
    expr: 'max(tidemark_rollup_lag_seconds) > 3600 or max(tidemark_org_freshness_seconds) > 3600',
    for: '0m',
    severity: 'critical',
    summary: 'No roll-up has caught up for {{ $value | humanizeDuration }}',
    description:
      'Roll-ups fail or no worker runs. No event is lost: all are counted once roll-ups work again.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkRowsMissing',
    expr: 'max by (what) (tidemark_rollup_incomplete) > 0',
    for: '5m',
    severity: 'critical',
    summary: 'Stored rows of a {{ $labels.what }} cannot be found',
    description:
      'They are in no numbers until they are found. The log of the worker names the batch or fold.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkRabbitmqAway',
    expr: 'max by (instance) (tidemark_rabbitmq_state{state="away"}) == 1',
    for: '1m',
    severity: 'warning',
    summary: '{{ $labels.instance }} takes no events from RabbitMQ',
    description: 'The process is not connected to RabbitMQ. Messages wait there.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkRabbitmqPaused',
    expr: 'max by (instance) (tidemark_rabbitmq_state{state="paused"}) == 1',
    for: '5m',
    severity: 'critical',
    summary: '{{ $labels.instance }} cannot store what it reads from RabbitMQ',
    description:
      'The process is connected and has stopped reading: the database or the dead-letter queue refuses.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkRabbitmqBacklog',
    expr: `min_over_time(tidemark_rabbitmq_backlog_messages[15m]) > 10000
and delta(tidemark_rabbitmq_backlog_messages[15m]) > 0`,
    for: '5m',
    severity: 'warning',
    summary: '{{ $value | humanize }} messages wait in RabbitMQ, and they grow',
    description: 'More messages arrive than are stored, for 15 minutes.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkDeadLetters',
    expr: 'sum(increase(tidemark_rabbitmq_dead_letters_total[15m])) > 0',
    for: '0m',
    severity: 'warning',
    summary: '{{ $value | printf "%.0f" }} messages became dead letters',
    description:
      'Events that came by RabbitMQ are not valid and are not counted until somebody replays them.',
    dashboard: 'tidemark-service',
  },
];

/** Whether a process is about to run out of something. */
export const resourceRules: readonly PrometheusRule[] = [
  {
    name: 'TidemarkMemoryHigh',
    expr: 'tidemark_process_resident_memory_bytes > 1.5e9',
    for: '10m',
    severity: 'warning',
    summary: '{{ $labels.instance }} holds {{ $value | humanize1024 }}B of memory',
    description: 'A process usually holds a few hundred megabytes. Beyond its limit the system kills it.',
    dashboard: 'tidemark-service',
  },
  {
    name: 'TidemarkCpuHigh',
    expr: 'sum by (instance) (rate(tidemark_process_cpu_seconds_total[5m])) > 0.9',
    for: '10m',
    severity: 'warning',
    summary: '{{ $labels.instance }} uses {{ $value | humanize }} cores',
    description: 'One process computes on one core. At its limit, all its callers wait.',
    dashboard: 'tidemark-service',
  },
];
