import type { Pool } from 'pg';
import { type Database, withTransaction } from '../../database/pool.ts';
import type { NoticeKind } from '../notice/notice.ts';
import { type Cancellation, type Leased, settle } from './outbox.ts';

/** How an alert stands for whom a message is meant for. */
interface Standing {
  workflow: 'open' | 'acknowledged' | 'resolved';
  acknowledgedBy: string | null;
  /** Whether a later message of the alert has reached the recipient, or is about to. */
  overtaken: boolean;
  /** Whether an earlier one has, or may have. */
  told: boolean;
}

/** What a message says now that it is to be sent, or why it no longer is. */
export type WhetherToSend = { says: NoticeKind } | { cancelledFor: Cancellation; failure: string };

// By transition: of two that were both for whoever is meant, the later may have been put in before the earlier.
const STANDING = `
  select h.workflow, h.acknowledged_by as "acknowledgedBy",
    exists (select from analytics.notification_outbox o
      where o.alert_id = h.id and o.channel = $2 and o.recipient = $3 and o.transition_id > $4
        and (o.status in ('sent', 'leased') or o.status = 'waiting' and o.not_before <= $5)) as overtaken,
    exists (select from analytics.notification_outbox o
      where o.alert_id = h.id and o.channel = $2 and o.recipient = $3 and o.transition_id < $4
        and (o.status = 'sent' or o.ambiguous)) as told
  from analytics.alert_history h where h.id = $1`;

/** Reads once more how the alert of a leased message stands, just before it is sent. */
export async function whetherToSend(database: Database, leased: Leased, now: Date): Promise<WhetherToSend> {
  const { alertId, channel, recipient, transitionId, kind } = leased;
  if (alertId === null) return { says: kind };
  const { rows } = await database.query<Standing>(STANDING, [alertId, channel, recipient, transitionId, now]);
  return rows[0] ? decide(kind, rows[0]) : not('gone', 'the alert is no longer kept');
}

/**
 * Cancels a leased message, if it is still not to be sent once nobody can act on its alert until that is written:
 * whoever takes an acknowledgement back puts back what was cancelled for it, and would miss this one.
 */
export function cancel(pool: Pool, leased: Leased, sender: string, now: Date): Promise<WhetherToSend> {
  return withTransaction(pool, async (client) => {
    await client.query('select from analytics.alert_history where id = $1 for share', [leased.alertId]);
    const found = await whetherToSend(client, leased, now);
    if (!('says' in found)) await settle(client, leased, sender, { status: 'cancelled', ...found });
    return found;
  });
}

function not(cancelledFor: Cancellation, failure: string): WhetherToSend {
  return { cancelledFor, failure };
}

function decide(kind: NoticeKind, { workflow, acknowledgedBy, overtaken, told }: Standing): WhetherToSend {
  if (kind === 'resolved') {
    return told ? { says: kind } : not('untold', 'it was never told that the alert fired');
  }
  if (workflow === 'resolved') return not('over', 'the alert was over before it could be sent');
  if (overtaken) return not('overtaken', 'a later message of the alert takes its place');
  if (workflow === 'acknowledged') {
    return not(workflow, `${acknowledgedBy ?? 'somebody'} acknowledged the alert before it was sent`);
  }
  // Whoever has not heard of it hears that it fires: the message that said so was overtaken, or refused.
  return { says: told ? kind : 'firing' };
}
