import type { PoolClient } from 'pg';
import type { ClosingReason } from '../../notifications/notice/reasons.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import { isOpen } from '../decision/alert-state.ts';
import { endSuppressedBy } from '../decision/notify.ts';
import type { ConfiguredRule } from '../rules/configured-rule.ts';
import { readSilencesInForce } from '../silences/silences-in-force.ts';
import { readGroupStates } from './group-states.ts';
import { recordAlertEvent } from './record-alert-event.ts';

export interface Closing {
  reason: ClosingReason;
  /** Milliseconds, both. */
  now: number;
  silencedUntil: number;
  actorId: string;
}

/** Ends the open alerts of a rule. Everyone who was told that an alert fired is told, unless the rule is silenced. */
export async function closeAlerts(
  client: PoolClient,
  route: RouteNotice,
  configured: ConfiguredRule,
  { reason, now, silencedUntil, actorId }: Closing,
): Promise<void> {
  const states = await readGroupStates(client, configured.configId);
  const { orgId, rule } = configured;
  const silencedAt = await readSilencesInForce(client, { orgId, now, ruleUntil: silencedUntil });
  for (const { group, state, alertId, startedAt } of states.values()) {
    if (alertId === null || !isOpen(state)) continue;
    const alert = {
      ...configured,
      id: alertId,
      group,
      severity: state.severity ?? configured.rule.severity,
      startedAt: startedAt ?? now,
    };
    const silenced = silencedAt({ rule, group, severity: alert.severity }, now);
    const suppressedBy = endSuppressedBy(state, now, silenced?.until ?? null);
    await recordAlertEvent(client, route, alert, {
      at: now,
      transition: { name: 'resolved', notice: suppressedBy ? null : 'resolved', suppressedBy },
      reason,
      noticeReason: reason,
      reported: state.lastWrong ?? { value: null, samples: 0, reference: null, at: now },
      actorId,
      ...(silenced?.silence && { silence: silenced.silence }),
    });
  }
}
