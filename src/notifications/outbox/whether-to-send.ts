import type { Pool } from 'pg';
import { type Database, withTransaction } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { isForThoseTold, type NoticeKind } from '../notice/notice.ts';
import { type Cancellation, type Leased, settle } from './outbox.ts';

/** The state of an alert, and of its other messages to the same recipient on the same channel. */
interface AlertNow {
  workflow: 'open' | 'acknowledged' | 'resolved';
  acknowledgedBy: string | null;
  /** Whether a later message was sent, or is about to be. */
  overtaken: boolean;
  /** Whether an earlier message was sent, or may have been. */
  told: boolean;
  /** Whether the person of the notice has this address for themselves. */
  isOwn: boolean;
}

/** The kind of notice to send now, or why the message is cancelled. */
export type WhetherToSend = { says: NoticeKind } | { cancelledFor: Cancellation; failure: string };

// An acknowledgement cancels the messages before it by itself, so that they are sent if it is taken back.
// Ordered by transition, not by message: of two messages for BY_PREFERENCE the later may have been expanded first.
const ALERT_NOW = `
  select h.workflow, h.acknowledged_by as "acknowledgedBy",
    exists (select from analytics.notification_outbox o
      where o.alert_id = h.id and o.channel = $2 and o.recipient = $3 and o.transition_id > $4
        and (o.notice <> 'acknowledged' or $8) and (o.status in ('sent', 'leased') or o.status = 'waiting' and o.not_before <= $5)) as overtaken,
    exists (select from analytics.notification_outbox o
      where o.alert_id = h.id and o.channel = $2 and o.recipient = $3 and o.transition_id < $4
        and (o.status = 'sent' or o.ambiguous)) as told,
    exists (select from analytics.notification_preferences p
      where p.org_id = $6 and p.kind = 'user' and p.id = $7
        and $3 = case $2 when 'email' then p.email when 'sms' then p.phone end) as "isOwn"
  from analytics.alert_history h where h.id = $1`;

/** Checks a leased message against the current state of its alert, just before it is sent. */
export async function whetherToSend(database: Database, leased: Leased, now: Date): Promise<WhetherToSend> {
  const { alertId, channel, recipient, transitionId, kind, orgId, notice } = leased;
  if (alertId === null) return { says: kind };
  const { rows } = await database.query<AlertNow>(ALERT_NOW, [
    alertId,
    channel,
    recipient,
    transitionId,
    now,
    orgId ?? ALL_ORGS,
    notice.actorId,
    isForThoseTold(kind),
  ]);
  return rows[0]
    ? checkAgainst(kind, rows[0])
    : cancelFor('gone', 'the alert has been removed from the history');
}

/**
 * Checks a leased message again while nobody can act on its alert, and cancels it if it is still not to be sent.
 * Without the lock a person could take the acknowledgement back at the same moment, and the message would stay
 * cancelled.
 */
export function cancel(pool: Pool, leased: Leased, sender: string, now: Date): Promise<WhetherToSend> {
  return withTransaction(pool, async (client) => {
    await client.query('select from analytics.alert_history where id = $1 for share', [leased.alertId]);
    const found = await whetherToSend(client, leased, now);
    if (!('says' in found)) await settle(client, leased, sender, { status: 'cancelled', ...found });
    return found;
  });
}

function cancelFor(cancelledFor: Cancellation, failure: string): WhetherToSend {
  return { cancelledFor, failure };
}

function checkAgainst(
  kind: NoticeKind,
  { workflow, acknowledgedBy, overtaken, told, isOwn }: AlertNow,
): WhetherToSend {
  if (kind === 'resolved') {
    return told ? { says: kind } : cancelFor('untold', 'the recipient was never told that the alert fired');
  }
  if (isForThoseTold(kind) && !told)
    return cancelFor('untold', 'the recipient was never told that the alert fired');
  if (isForThoseTold(kind) && isOwn) return cancelFor('own', 'the recipient did it, and knows');
  if (workflow === 'resolved')
    return cancelFor('over', 'the alert was over before the message could be sent');
  if (overtaken) return cancelFor('overtaken', 'a later message of the alert replaces it');
  if (isForThoseTold(kind)) return { says: kind };
  if (workflow === 'acknowledged') {
    return cancelFor(
      workflow,
      `${acknowledgedBy ?? 'somebody'} acknowledged the alert before the message was sent`,
    );
  }
  // A recipient who got no earlier message is told that the alert fires: that message was overtaken or refused.
  return { says: told || kind === 'escalation_step' ? kind : 'firing' };
}
