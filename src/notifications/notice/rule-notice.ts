import type { Notice, RuleNoticeKind, Severity } from './notice.ts';

/** A rule whose evaluations fail, or have failed. */
export interface FailingRule {
  configId: string;
  orgId: string | null;
  name: string;
  metric: string;
  severity: Severity;
  description?: string;
  runbookUrl?: string | null;
  /** The words of the last failure. */
  failure: string;
  /** How many evaluations in a row have failed. */
  failures: number;
  since: Date;
}

/** A notice that a rule cannot be evaluated, or that it can again. Both have the same ids, so they are one thread. */
export function ruleNotice(kind: RuleNoticeKind, rule: FailingRule, at: Date): Notice {
  const { configId, orgId, name, metric, severity, description, runbookUrl, failure, failures, since } = rule;
  const moment = at.toISOString();
  return {
    ...{ kind, orgId, name, metric, severity, configId, reason: kind, alertId: configId },
    ...(description && { description }),
    ...(runbookUrl && { runbookUrl }),
    evaluation: { failure, failures, since: since.toISOString() },
    ...{ actorId: null, note: null, unit: 'any', group: {}, type: 'threshold_above', threshold: 0 },
    ...{ recoveryThreshold: null, value: null, baseline: null, windowSeconds: 0, sampleCount: null },
    ...{ measuredAt: moment, startedAt: since.toISOString(), at: moment },
  };
}
