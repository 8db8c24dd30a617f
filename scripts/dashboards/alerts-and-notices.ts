import { dashboardOf } from './panel.ts';
import { ask, processVariables, quantile } from './promql.ts';

/** Whether rules are evaluated in time, and whether people are told. */
export const alertsAndNotices = dashboardOf({
  uid: 'tidemark-alerts-and-notices',
  title: 'Tidemark alerts and notices',
  description:
    'Evaluation of alert rules, delivery of notices, and the alerts that Prometheus raises itself.',
  time: { from: 'now-6h', to: 'now' },
  source: 'prometheus',
  variables: processVariables,
  panels: [
    {
      title: 'Alerts of Prometheus',
      description: 'Rules of dashboards/alerts.yml that fire now. The runbook has a section for each.',
      unit: 'none',
      width: 24,
      queries: [
        {
          text: 'sum by (alertname, severity) (ALERTS{alertstate="firing", alertname=~"Tidemark.*"})',
          legend: '{{alertname}} ({{severity}})',
        },
      ],
    },
    {
      title: 'Evaluation lag',
      description: 'How long the alert rule that waits the longest has been due.',
      unit: 's',
      thresholds: { warning: 60, critical: 120 },
      queries: [ask('max(tidemark_alert_evaluation_lag_seconds)', 'lag')],
    },
    {
      title: 'Evaluation time',
      description: 'p95 of the evaluation of one rule with all its groups, by outcome.',
      unit: 's',
      queries: [ask(quantile(0.95, 'tidemark_alert_evaluation_duration_seconds', 'outcome'), '{{outcome}}')],
    },
    {
      title: 'Transitions',
      description: 'Alerts that fired, escalated or resolved in each interval.',
      unit: 'short',
      stacked: true,
      queries: [
        ask(
          'sum by (transition) (increase(tidemark_alert_transitions_total[$__rate_interval]))',
          '{{transition}}',
        ),
      ],
    },
    {
      title: 'Delivery',
      description: 'Attempts to deliver a notice in each interval, by channel and outcome.',
      unit: 'short',
      stacked: true,
      queries: [
        ask(
          'sum by (channel, outcome) (increase(tidemark_notifications_total[$__rate_interval]))',
          '{{channel}} {{outcome}}',
        ),
      ],
    },
    {
      title: 'Delivery time',
      description: 'p95 of the time from when something was found wrong until a provider took the notice.',
      unit: 's',
      queries: [ask(quantile(0.95, 'tidemark_notification_delay_seconds', 'channel'), '{{channel}}')],
    },
    {
      title: 'Waiting notices',
      description: 'Notices that are due and not delivered, by channel.',
      unit: 'short',
      queries: [ask('max by (channel) (tidemark_outbox_waiting)', '{{channel}}')],
    },
    {
      title: 'Oldest waiting notice',
      description: 'How long the oldest notice of a channel has been due.',
      unit: 's',
      thresholds: { warning: 60, critical: 120 },
      queries: [ask('max by (channel) (tidemark_outbox_oldest_seconds)', '{{channel}}')],
    },
    {
      title: 'Dead notices',
      description: 'Notices that could not be delivered at all, by channel.',
      unit: 'short',
      queries: [ask('max by (channel) (tidemark_outbox_dead)', '{{channel}}')],
    },
    {
      title: 'Critical notices for nobody',
      description: 'Critical notices without a recipient outside the product, in each interval.',
      unit: 'short',
      stacked: true,
      queries: [ask('sum(increase(tidemark_unreached_notices_total[$__rate_interval]))', 'for nobody')],
    },
  ],
});
