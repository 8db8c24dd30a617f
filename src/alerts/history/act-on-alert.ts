import type { Pool, PoolClient } from 'pg';
import { createAudit } from '../../auth/audit.ts';
import type { Caller, OrgScope } from '../../auth/caller.ts';
import { withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { putBack } from '../../notifications/outbox/put-back.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import type { Clock } from '../../time.ts';
import type { AlertState } from '../decision/alert-state.ts';
import { type Act, actOn } from '../decision/workflow.ts';
import type { Rule } from '../rules/rule.ts';
import { type ListedAlert, readAlert } from './alert-history.ts';
import { recordHappening } from './record-transition.ts';

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
  /** Who is told that a person has resolved an alert. */
  route: RouteNotice;
}

const wanted: Record<Act, ListedAlert['workflow']> = {
  acknowledge: 'acknowledged',
  unacknowledge: 'open',
  resolve: 'resolved',
};

/**
 * Acknowledges an alert, takes that back, or resolves it: in its state, its history and the audit log at once. What was
 * not sent because of an acknowledgement is owed again once that is taken back. An evaluation of the same rule waits
 * for it, or it for that.
 * @returns the alert as it is then, and the same if it had been so before
 * @throws {CodedError} `not_found`; `conflict` when the alert is over
 */
export function actOnAlert(
  { pool, clock, route }: ActOptions,
  id: string,
  act: Act,
  { scope, note, caller }: { scope: OrgScope; note?: string | undefined; caller: Caller },
): Promise<ListedAlert> {
  return withTransaction(pool, async (client) => {
    const now = clock.now();
    // Its state first, as the evaluation does: whoever takes the other way round may meet it half-way.
    const open = await lockState(client, id);
    const alert = await readAlert(client, id, scope);
    if (alert.workflow === wanted[act]) return alert;
    const outcome = open && actOn(open.state, act, now, open.silenced_until?.getTime() ?? null);
    if (!open || !outcome) {
      throw new CodedError('conflict', `The alert is ${alert.workflow}; there is nothing to ${act}.`);
    }
    await recordHappening(
      client,
      route,
      { configId: alert.configId, orgId: alert.allOrgs ? null : alert.orgId, rule: open.rule },
      { id, group: alert.group, severity: alert.severity, startedAt: Date.parse(alert.triggeredAt) },
      {
        at: now,
        transition: outcome.transition.name,
        reason: 'by_person',
        finding: 'by_person',
        notice: outcome.transition.notice,
        suppressedBy: outcome.transition.suppressedBy,
        // What it fired on, where it is not known how it was later.
        sighting: open.state.lastWrong ?? {
          value: alert.value,
          samples: alert.samples,
          reference: alert.evidence.baseline,
          at: Date.parse(alert.triggeredAt),
        },
        actorId: caller.actor.id,
        ...(note !== undefined && { note }),
      },
    );
    if (act === 'unacknowledge') await putBack(client, id, new Date(now));
    await client.query(
      'update analytics.alert_states set state = $3 where config_id = $1 and group_key = $2',
      [open.config_id, open.group_key, JSON.stringify(outcome.state)],
    );
    const audit = createAudit(client, clock);
    await audit({
      ...caller,
      action: `alert.${act}`,
      subject: id,
      ...(alert.orgId !== null && { orgId: alert.orgId }),
      ...(note !== undefined && { after: { note } }),
    });
    return readAlert(client, id, scope);
  });
}

async function lockState(client: PoolClient, id: string): Promise<OpenState | undefined> {
  const { rows } = await client.query<OpenState>(
    // As it fired, and told of where notices of it go by now.
    `select s.config_id, s.group_key, s.state, c.silenced_until,
       h.rule || jsonb_build_object('channels', c.rule -> 'channels') as rule
     from analytics.alert_states s
     join analytics.alert_history h on h.id = s.alert_id
     join analytics.alert_configs c on c.id = s.config_id
     where s.alert_id = $1
     for update of s`,
    [id],
  );
  return rows[0];
}
