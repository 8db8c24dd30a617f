import type { PoolClient } from 'pg';
import type { RouteNotice } from '../notifications/route-notice.ts';
import { isOpen } from './alert-state.ts';
import { readGroupStates } from './group-states.ts';
import { type AlertSource, recordHappening } from './record-transition.ts';

/** Why alerts end that nobody resolved and whose value is not known to be right. */
export const closingReasons = {
  rule_changed: 'The rule now watches something else.',
  rule_disabled: 'The rule was disabled.',
  rule_deleted: 'The rule was deleted.',
} as const;

/** Ends the open alerts of a config, tells whoever was told of them, and forgets how its groups stood. */
export const closeAlerts = async (
  client: PoolClient,
  route: RouteNotice,
  source: AlertSource,
  reason: keyof typeof closingReasons,
  { now, actorId }: { now: number; actorId: string },
): Promise<void> => {
  const states = await readGroupStates(client, source.configId);
  for (const { group, state, alertId, startedAt, value } of states.values()) {
    if (alertId === null || !isOpen(state)) continue;
    const alert = {
      id: alertId,
      group,
      severity: state.severity ?? source.rule.severity,
      startedAt: startedAt ?? now,
    };
    await recordHappening(client, route, source, alert, {
      at: now,
      transition: 'resolved',
      reason,
      notice: state.told ? 'resolved' : null,
      suppressedBy: state.told ? null : 'untold',
      value,
      samples: 0,
      baseline: null,
      actorId,
    });
  }
  await client.query('delete from analytics.alert_states where config_id = $1', [source.configId]);
};
