import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { recordAudits } from '../../auth/audit.ts';
import type { Caller, OrgScope } from '../../auth/caller.ts';
import { withTransaction } from '../../database/pool.ts';
import { withoutNoise } from '../../notifications/notice/quantity.ts';
import { enqueue } from '../../notifications/outbox/enqueue.ts';
import type { Recipient, RouteNotice } from '../../notifications/routing/route-notice.ts';
import { type Limits, quotaExceeded } from '../../quotas/quota.ts';
import { secondsLeftOfDay } from '../../quotas/quota-use.ts';
import { spend } from '../../quotas/spend.ts';
import type { Clock } from '../../time.ts';
import type { DatedMeasurement } from '../decision/alert-state.ts';
import type { GroupState } from '../decision/group-state.ts';
import { noticeOf } from '../history/alert-event.ts';
import { readGroupStates } from '../history/group-states.ts';
import type { Group } from '../rules/group.ts';
import { watchableMetrics } from '../rules/metrics.ts';
import type { Rule } from '../rules/rule.ts';
import { readConfig, ruleOfConfig } from './alert-configs.ts';

export interface TestOptions {
  pool: Pool;
  clock: Clock;
  route: RouteNotice;
  limits: Limits;
}

/** A test of a rule, as it was enqueued. */
export interface SentTest {
  /** The group that the notice names: of an open alert, else any that the rule watches. */
  group: Group;
  value: number | null;
  recipients: Recipient[];
}

/**
 * Sends the notice that an alert of the rule would send, marked as a test, to the recipients of the rule: through the
 * outbox, with its pacing and retries. No alert and no state changes. Each recipient counts as a test of the day.
 * @throws {CodedError} `not_found`; `quota_exceeded` when the org has sent as many tests today as it may
 */
export function sendRuleTest(
  { pool, clock, route, limits }: TestOptions,
  id: string,
  { scope, caller }: { scope: OrgScope; caller: Caller },
): Promise<SentTest> {
  return withTransaction(pool, async (client) => {
    const config = await readConfig(client, id, scope);
    const { orgId } = config;
    const rule = ruleOfConfig(config);
    const now = clock.now();
    const alertId = randomUUID();
    const { severity, channels } = rule;
    const recipients = await route(client, { kind: 'test', alertId, orgId, severity, channels });
    if (orgId !== null) await spendTests(client, limits, { orgId, now, times: recipients.length });
    const states = await readGroupStates(client, id);
    const { group, reported } = exampleOf(rule, [...states.values()], now);
    const alert = { configId: id, orgId, rule, id: alertId, group, severity, startedAt: now };
    const notice = noticeOf(
      alert,
      {
        at: now,
        transition: { name: 'firing', notice: 'firing', suppressedBy: null },
        reason: 'fired',
        noticeReason: reasons[rule.type],
        reported,
        actorId: caller.actor.id,
      },
      'test',
    );
    await enqueue(client, { notice, transitionId: null, orgId, recipients, at: new Date(now) });
    const entry = { ...caller, action: 'alert_config.test' as const, subject: id, after: { recipients } };
    await recordAudits(client, clock, [{ ...entry, ...(orgId !== null && { orgId }) }]);
    return { group, value: reported.value, recipients };
  });
}

const reasons = {
  threshold_above: 'above_threshold',
  threshold_below: 'below_threshold',
  rate_of_change: 'changed_too_much',
  anomaly: 'unusual',
} as const;

async function spendTests(
  client: PoolClient,
  limits: Limits,
  { orgId, now, times }: { orgId: string; now: number; times: number },
): Promise<void> {
  for (let spent = 0; spent < times; spent++) {
    if (await spend(client, limits, { quota: 'trials_per_day', orgId, now })) continue;
    throw quotaExceeded('trials_per_day', limits.trials_per_day, secondsLeftOfDay(now));
  }
}

/** The measurement that the test tells: the last wrong one of an open alert, else a made-up one past the threshold. */
function exampleOf(
  rule: Rule,
  states: readonly GroupState[],
  now: number,
): { group: Group; reported: DatedMeasurement } {
  const open = states.find(({ state, alertId }) => alertId !== null && state.lastWrong !== null);
  if (open?.state.lastWrong) return { group: open.group, reported: open.state.lastWrong };
  const group = states[0]?.group ?? Object.fromEntries(rule.groupBy.map((name) => [name, 'example']));
  const { value, reference } = madeUp(rule);
  const shown = withoutNoise(value);
  return { group, reported: { value: shown, reference, samples: Math.max(1, rule.minimumSamples), at: now } };
}

const USUAL = 100;

function madeUp({ type, threshold, metric, direction }: Rule): { value: number; reference: number | null } {
  const isShare = watchableMetrics.get(metric)?.unit === 'ratio';
  const usual = isShare ? 0.1 : USUAL;
  if (type === 'anomaly') return { value: direction === 'down' ? usual / 2 : usual * 2, reference: usual };
  if (type === 'rate_of_change') return { value: usual * (1 + (1.1 * threshold) / 100), reference: usual };
  const beyond = (Math.abs(threshold) || (isShare ? 0.5 : 10)) / 5;
  const value = type === 'threshold_above' ? threshold + beyond : threshold - beyond;
  return { value: isShare ? Math.min(1, Math.max(0, value)) : value, reference: null };
}
