import type { Database } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { type ChannelName, channelNames } from '../../notifications/notice/notice.ts';
import { largestShares } from '../../quotas/measure-use.ts';
import { quotaNames } from '../../quotas/quota.ts';
import { SECOND } from '../../time.ts';
import { momentaryObservation } from '../decision/observation.ts';
import { type Group, keyOfGroup } from '../rules/group.ts';
import { type Evaluation, type Observations, observationsOf } from './evaluation.ts';
import { earliestDue, evaluationLag } from './evaluation-lag.ts';

/** Shares that are looked at: the largest of all orgs and quotas. */
const MOST_SHARES = 10_000;
/** A notice counts as failed after so many failed attempts, although it is tried again for a day. */
const FAILED_ATTEMPTS = 3;

/** The moment from which the oldest unsent message has been due. A failed one is due when it is tried again. */
const OLDEST = `
  select min(not_before) as since from analytics.notification_outbox
  where status in ('waiting', 'leased') and not_before <= $1`;

/**
 * The messages that failed within the window, by channel. Notices of built-in rules are left out: otherwise the alert
 * about a failing channel would keep itself firing, by its own failed notices.
 */
const FAILED = `
  select o.channel, count(*) as failed
  from analytics.notification_outbox o
  where coalesce(o.died_at, o.not_before) > $1
    and (o.status = 'dead' or o.status in ('waiting', 'leased') and o.failure is not null and o.attempts >= $2)
    and not exists (
      select from analytics.alert_history h join analytics.alert_configs c on c.id = h.config_id
      where h.id = o.alert_id and c.built_in is not null)
  group by o.channel`;

/** A rule counts as failing after so many failed evaluations in a row. */
const FAILED_EVALUATIONS = 5;
const MOST_FAILING_ORGS = 1_000;

/** The failing rules of each org, those of rules over all orgs under their own name. */
const FAILING = `
  select coalesce(org_id, '${ALL_ORGS}') as "orgId", count(*) as rules
  from analytics.alert_configs
  where enabled and built_in is null and failures >= $1 and coalesce(org_id, '${ALL_ORGS}') = coalesce($2, org_id, '${ALL_ORGS}')
  group by 1 order by 2 desc limit $3`;

/** Observes the service itself: gauges of this moment, read from its own tables. */
export async function observeService(database: Database, evaluation: Evaluation): Promise<Observations> {
  const { metric, now } = evaluation;
  if (metric.part === 'failed_notices') return observeFailed(database, evaluation);
  if (metric.part === 'failing_rules') return observeFailing(database, evaluation);
  if (metric.part === 'quota_share') return observeQuotas(database, evaluation);
  if (metric.part === 'export_schedule_failures') return gauges([[{}, await mostFailures(database)]]);
  if (metric.part === 'month_overdue_seconds') return gauges([[{}, await mostOverdue(database, now)]]);
  const value =
    metric.part === 'evaluation_lag_seconds'
      ? evaluationLag(await earliestDue(database, { builtIn: false, now }), now)
      : await oldestUnsent(database, now);
  return gauges([[{}, value]]);
}

async function mostFailures(database: Database): Promise<number> {
  const { rows } = await database.query<{ failures: number | null }>(
    'select max(failures) as failures from analytics.export_schedules',
  );
  return rows[0]?.failures ?? 0;
}

/** A month is overdue until it is closed and its files are written. */
async function mostOverdue(database: Database, now: number): Promise<number> {
  const { rows } = await database.query<{ since: Date | null }>(
    `select least(
       (select min(due_at) from analytics.export_schedules where due_at <= $1),
       (select min(due_at) from analytics.closed_periods where delivered_at is null and revision = 1)) as since`,
    [new Date(now)],
  );
  return Math.max(0, (now - (rows[0]?.since?.getTime() ?? now)) / SECOND);
}

async function oldestUnsent(database: Database, now: number): Promise<number> {
  const { rows } = await database.query<{ since: Date | null }>(OLDEST, [new Date(now)]);
  return (now - (rows[0]?.since?.getTime() ?? now)) / SECOND;
}

/** An org whose rules can be evaluated again counts as 0 if it was watched before, and is no group otherwise. */
async function observeFailing(database: Database, { rule, states }: Evaluation): Promise<Observations> {
  const { rows } = await database.query<{ orgId: string; rules: number }>(FAILING, [
    FAILED_EVALUATIONS,
    rule.filters.orgId ?? null,
    MOST_FAILING_ORGS,
  ]);
  if (!rule.groupBy.includes('orgId')) return gauges([[{}, rows.reduce((sum, row) => sum + row.rules, 0)]]);
  const failing = new Map(
    rows.map(({ orgId, rules }) => [keyOfGroup({ orgId }), [{ orgId }, rules] as const]),
  );
  const recovered = [...states.values()].filter(({ key }) => !failing.has(key));
  return gauges([...failing.values(), ...recovered.map(({ group }) => [group, 0] as const)]);
}

async function observeFailed(database: Database, { rule, now }: Evaluation): Promise<Observations> {
  const since = new Date(now - rule.windowSeconds * SECOND);
  const { rows } = await database.query<{ channel: ChannelName; failed: number }>(FAILED, [
    since,
    FAILED_ATTEMPTS,
  ]);
  const failed = new Map(rows.map((row) => [row.channel, row.failed]));
  const channels = channelNames.filter((name) => (rule.filters.channel ?? name) === name);
  const counts = channels.map((channel) => failed.get(channel) ?? 0);
  return rule.groupBy.includes('channel')
    ? gauges(channels.map((channel, index) => [{ channel }, counts[index] ?? 0]))
    : gauges([[{}, counts.reduce((sum, count) => sum + count, 0)]]);
}

/**
 * The largest share of each group. An org that uses less than half of a quota counts as 0 if it was watched before, and is
 * no group otherwise.
 */
async function observeQuotas(database: Database, { rule, states }: Evaluation): Promise<Observations> {
  const { filters, groupBy } = rule;
  const quotas = quotaNames.filter((name) => (filters.quota ?? name) === name);
  const known: readonly Group[] = groupBy.includes('quota') ? quotas.map((quota) => ({ quota })) : [{}];
  const shares = new Map<string, [group: Group, value: number]>();
  if (!groupBy.includes('orgId')) for (const group of known) shares.set(keyOfGroup(group), [group, 0]);
  for (const { key, group } of states.values()) shares.set(key, [group, 0]);
  for (const { quota, orgId, share } of await largestShares(database, MOST_SHARES)) {
    if (!quotas.includes(quota) || (filters.orgId ?? orgId) !== orgId) continue;
    const all = { quota, orgId };
    const group = Object.fromEntries(Object.entries(all).filter(([name]) => groupBy.includes(name)));
    const key = keyOfGroup(group);
    shares.set(key, [group, Math.max(share, shares.get(key)?.[1] ?? 0)]);
  }
  return gauges([...shares.values()]);
}

function gauges(values: readonly (readonly [group: Group, value: number])[]): Observations {
  return observationsOf(
    new Map(
      values.map(([group, value]) => [
        keyOfGroup(group),
        { group, observation: momentaryObservation(value) },
      ]),
    ),
  );
}
