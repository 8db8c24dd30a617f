/** What one rule of Prometheus says, before it becomes a file. */
export interface PrometheusRule {
  /** The alert; the runbook has a heading of the same name. */
  name: string;
  expr: string;
  /** How long it must hold before the alert fires. */
  for: string;
  severity: 'warning' | 'critical';
  /** One line, with the values of the alert. */
  summary: string;
  /** What it means and what to look at first. */
  description: string;
  /** The uid of the dashboard that shows it. */
  dashboard: string;
}

export interface RuleGroup {
  name: string;
  rules: readonly PrometheusRule[];
}
