import type { PoolClient } from 'pg';
import type { ClosingReason } from '../../notifications/notice/reasons.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import { isOpen } from '../decision/alert-state.ts';
import { endSuppressedBy } from '../decision/decide.ts';
import { readGroupStates } from './group-states.ts';
import { type AlertSource, recordHappening } from './record-transition.ts';

/** Ends the open alerts of a config, and tells whoever was told of them, unless it is silenced. */
export async function closeAlerts(
  client: PoolClient,
  route: RouteNotice,
  source: AlertSource,
  reason: ClosingReason,
  { now, actorId, silencedUntil }: { now: number; actorId: string; silencedUntil: number },
): Promise<void> {
  const states = await readGroupStates(client, source.configId);
  for (const { group, state, alertId, startedAt } of states.values()) {
    if (alertId === null || !isOpen(state)) continue;
    const alert = {
      id: alertId,
      group,
      severity: state.severity ?? source.rule.severity,
      startedAt: startedAt ?? now,
    };
    const suppressedBy = endSuppressedBy(state, now, silencedUntil);
    await recordHappening(client, route, source, alert, {
      at: now,
      transition: 'resolved',
      reason,
      finding: reason,
      notice: suppressedBy ? null : 'resolved',
      suppressedBy,
      sighting: state.lastWrong ?? { value: null, samples: 0, reference: null, at: now },
      actorId,
    });
  }
}
