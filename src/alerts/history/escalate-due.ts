import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import { withSavepoint } from '../../database/savepoint.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import { MINUTE } from '../../time.ts';
import { type AlertState, storedState } from '../decision/alert-state.ts';
import { decideStep, nextStepAt } from '../decision/next-step.ts';
import { groupOfKey } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import { readSilencesInForce, type Silenced } from '../silences/silences-in-force.ts';
import { recordAlertEvent } from './record-alert-event.ts';

const AT_ONCE = 50;
/** A step that could not be told is tried again after this time, so that it holds up no other. */
const AGAIN_AFTER = MINUTE;

interface DueRow {
  config_id: string;
  org_id: string | null;
  group_key: string;
  state: AlertState;
  alert_id: string;
  started_at: Date;
  rule: Rule;
  silenced_until: Date | null;
}

// The rule as it was when the alert fired, but with the recipients that it has now.
const DUE = `
  select s.config_id, c.org_id, s.group_key, s.state, s.alert_id, h.triggered_at as started_at, c.silenced_until,
    h.rule || jsonb_build_object('escalation', coalesce(c.rule -> 'escalation', '[]')) as rule
  from analytics.alert_states s
  join analytics.alert_configs c on c.id = s.config_id
  join analytics.alert_history h on h.id = s.alert_id
  where s.escalates_at <= $1 and c.enabled and c.next_evaluation_at > $2
  order by s.escalates_at limit ${AT_ONCE} for update of s skip locked`;

export interface EscalationResult {
  /** How many alerts were looked at. */
  seen: number;
  told: number;
  failed: { alertId: string; error: Error }[];
}

/**
 * Tells the steps that are due of the alerts that nobody has acknowledged. The step is counted in the transaction that
 * enqueues its notice, so it is told once, whatever dies.
 * @param dueSince the alerts of a rule that has been due since before that are left out; milliseconds
 */
export function escalateDue(
  pool: Pool,
  route: RouteNotice,
  now: number,
  dueSince: number,
): Promise<EscalationResult> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<DueRow>(DUE, [new Date(now), new Date(dueSince)]);
    const silencesOf = new Map<string, (row: DueRow) => Silenced | null>();
    const result: EscalationResult = { seen: rows.length, told: 0, failed: [] };
    for (const row of rows) {
      const silencedOf = silencesOf.get(row.config_id) ?? (await silences(client, row, now));
      silencesOf.set(row.config_id, silencedOf);
      const error = await withSavepoint(client, async () => {
        if (await escalate(client, route, row, { now, silencedUntil: silencedOf(row)?.until ?? null }))
          result.told++;
      });
      if (!error) continue;
      result.failed.push({ alertId: row.alert_id, error });
      await store(client, row, { state: row.state, until: now + AGAIN_AFTER });
    }
    return result;
  });
}

async function silences(client: PoolClient, { org_id: orgId, silenced_until }: DueRow, now: number) {
  const ruleUntil = silenced_until?.getTime() ?? null;
  const silencedAt = await readSilencesInForce(client, { orgId, now, ruleUntil });
  return ({ rule, group_key, state }: DueRow) =>
    silencedAt({ rule, group: groupOfKey(group_key), severity: state.severity ?? rule.severity }, now);
}

/** @returns whether a step was told */
async function escalate(
  client: PoolClient,
  route: RouteNotice,
  row: DueRow,
  time: { now: number; silencedUntil: number | null },
): Promise<boolean> {
  const { rule, alert_id, config_id: configId, org_id: orgId, started_at } = row;
  const before = storedState(row.state);
  const decision = decideStep(rule, before, time);
  if (decision.says === 'wait') {
    await store(client, row, { state: before, until: decision.until });
    return false;
  }
  const { step, state } = decision;
  const alert = {
    configId,
    orgId,
    rule: { ...rule, channels: step.channels },
    id: alert_id,
    group: groupOfKey(row.group_key),
    severity: state.severity ?? rule.severity,
    startedAt: started_at.getTime(),
  };
  await recordAlertEvent(client, route, alert, {
    at: time.now,
    transition: { name: 'escalation_step', notice: 'escalation_step', suppressedBy: null },
    reason: 'step_due',
    noticeReason: 'step_due',
    reported: state.lastWrong ?? { value: null, samples: 0, reference: null, at: time.now },
    step: {
      number: state.stepsTold,
      of: rule.escalation.length,
      unacknowledgedSince: state.unacknowledgedSince ?? time.now,
    },
  });
  await store(client, row, { state, until: nextStepAt(rule, state) });
  return true;
}

async function store(
  client: PoolClient,
  { config_id, group_key }: DueRow,
  { state, until }: { state: AlertState; until: number | null },
): Promise<void> {
  await client.query(
    'update analytics.alert_states set state = $3, escalates_at = $4 where config_id = $1 and group_key = $2',
    [config_id, group_key, JSON.stringify(state), until === null ? null : new Date(until)],
  );
}
