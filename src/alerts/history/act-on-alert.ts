import type { Pool, PoolClient } from 'pg';
import { createAudit } from '../../auth/audit.ts';
import type { Caller, OrgScope } from '../../auth/caller.ts';
import { withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { putBack } from '../../notifications/outbox/put-back.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import type { Clock } from '../../time.ts';
import { type AlertState, type DatedMeasurement, storedState } from '../decision/alert-state.ts';
import { nextStepAt } from '../decision/next-step.ts';
import { type Act, actOn } from '../decision/workflow.ts';
import type { Rule } from '../rules/rule.ts';
import { readSilencesInForce, type Silenced } from '../silences/silences-in-force.ts';
import type { Alert } from './alert-event.ts';
import { type ListedAlert, readAlert } from './alert-history.ts';
import { recordAlertEvent } from './record-alert-event.ts';

interface OpenState {
  config_id: string;
  group_key: string;
  state: AlertState;
  rule: Rule;
  silenced_until: Date | null;
}

export interface ActOptions {
  pool: Pool;
  clock: Clock;
  /** Finds the recipients of the notice that a person resolved an alert. */
  route: RouteNotice;
}

/** The person who acts. */
export interface ActedBy {
  scope: OrgScope;
  note?: string | undefined;
  caller: Caller;
  /** The name that the person gave, where the caller is only a link that was sent to a shared address. */
  by?: string | undefined;
}

const wanted: Record<Act, ListedAlert['workflow']> = {
  acknowledge: 'acknowledged',
  unacknowledge: 'open',
  resolve: 'resolved',
};

/**
 * Acknowledges an alert, takes the acknowledgement back, or resolves it. The state, the history and the audit log
 * change in one transaction. Taking an acknowledgement back sends the messages that it had cancelled. The act and an
 * evaluation of the same rule wait for each other.
 * @returns the alert after the act; an alert that was like that before is returned unchanged
 * @throws {CodedError} `not_found`; `conflict` when the alert is over
 */
export function actOnAlert(
  { pool, clock, route }: ActOptions,
  id: string,
  act: Act,
  { scope, note, caller, by }: ActedBy,
): Promise<ListedAlert> {
  return withTransaction(pool, async (client) => {
    const now = clock.now();
    // The state is locked before the alert, as an evaluation does: the other order could deadlock with it.
    const open = await lockState(client, id);
    const alert = await readAlert(client, id, scope);
    if (alert.workflow === wanted[act]) return alert;
    const silenced = open && (await silencedNow(client, alert, open, now));
    const acted = open && actOn(storedState(open.state), act, now, silenced?.until ?? null);
    if (!open || !acted) {
      throw new CodedError('conflict', `The alert is ${alert.workflow}, so nobody can ${act} it.`);
    }
    await recordAlertEvent(client, route, alertOf(alert, open.rule), {
      at: now,
      transition: acted.transition,
      reason: 'by_person',
      noticeReason: act === 'resolve' ? 'by_person' : `${act}d`,
      reported: open.state.lastWrong ?? firingMeasurement(alert),
      actorId: by ?? caller.actor.id,
      ...(note !== undefined && { note }),
      ...(silenced?.silence && { silence: silenced.silence }),
    });
    if (act === 'unacknowledge') await putBack(client, id, new Date(now));
    const escalatesAt = nextStepAt(open.rule, acted.state);
    await client.query(
      'update analytics.alert_states set state = $3, escalates_at = $4 where config_id = $1 and group_key = $2',
      [
        open.config_id,
        open.group_key,
        JSON.stringify(acted.state),
        escalatesAt === null ? null : new Date(escalatesAt),
      ],
    );
    const audit = createAudit(client, clock);
    await audit({
      ...caller,
      action: `alert.${act}`,
      subject: id,
      ...(alert.orgId !== null && { orgId: alert.orgId }),
      ...((note !== undefined || by !== undefined) && {
        after: { ...(note !== undefined && { note }), ...(by !== undefined && { by }) },
      }),
    });
    return readAlert(client, id, scope);
  });
}

async function silencedNow(
  client: PoolClient,
  { group, severity, ...alert }: ListedAlert,
  { rule, silenced_until }: OpenState,
  now: number,
): Promise<Silenced | null> {
  const ruleUntil = silenced_until?.getTime() ?? null;
  const orgId = alert.allOrgs ? null : alert.orgId;
  const silencedAt = await readSilencesInForce(client, { orgId, now, ruleUntil });
  return silencedAt({ rule, group, severity }, now);
}

function alertOf(alert: ListedAlert, rule: Rule): Alert {
  return {
    configId: alert.configId,
    orgId: alert.allOrgs ? null : alert.orgId,
    rule,
    id: alert.id,
    group: alert.group,
    severity: alert.severity,
    startedAt: Date.parse(alert.triggeredAt),
  };
}

/** The measurement that the alert fired on, used if no later wrong one is known. */
function firingMeasurement({ value, samples, evidence, triggeredAt }: ListedAlert): DatedMeasurement {
  return { value, samples, reference: evidence.baseline, at: Date.parse(triggeredAt) };
}

async function lockState(client: PoolClient, id: string): Promise<OpenState | undefined> {
  const { rows } = await client.query<OpenState>(
    // The rule as it was when the alert fired, but with the recipients that it has now.
    `select s.config_id, s.group_key, s.state, c.silenced_until, h.rule || jsonb_build_object(
         'channels', c.rule -> 'channels', 'escalation', coalesce(c.rule -> 'escalation', '[]')) as rule
     from analytics.alert_states s
     join analytics.alert_history h on h.id = s.alert_id
     join analytics.alert_configs c on c.id = s.config_id
     where s.alert_id = $1
     for update of s`,
    [id],
  );
  return rows[0];
}
