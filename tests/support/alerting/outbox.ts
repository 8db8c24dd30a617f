import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { ChannelName, Notice } from '../../../src/notifications/notice/notice.ts';
import { makeNotice } from './notices.ts';

/** Stores an alert that has fired, and returns its id. */
export async function fireAlert(pool: Pool, notice = makeNotice()): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into analytics.alert_history (config_id, org_id, all_orgs, group_key, name, metric, severity, rule,
       pending_at, triggered_at, value, threshold, window_seconds, samples, evidence)
     values ($1, $2, $3, '{}', $4, $5, $6, '{}', $7, $7, $8, $9, $10, $11, '{}') returning id`,
    [
      notice.configId,
      notice.orgId,
      notice.orgId === null,
      notice.name,
      notice.metric,
      notice.severity,
      notice.startedAt,
      notice.value,
      notice.threshold,
      notice.windowSeconds,
      notice.sampleCount ?? 0,
    ],
  );
  return rows[0]?.id ?? '';
}

interface Put {
  alertId: string;
  channel: ChannelName;
  recipient: string;
  at: Date;
  /** When quiet hours end; by default there are none. */
  heldUntil?: Date;
  notice?: Partial<Notice>;
  /** The same for messages of one transition. */
  transitionId?: number;
}

let transitions = 0;

/** The id of a transition without other messages. */
export function newTransition(): number {
  return ++transitions;
}

/** Puts a message into the outbox, as the transaction of a transition does, and returns its id. */
export async function putMessage(
  pool: Pool,
  {
    alertId,
    channel,
    recipient,
    at,
    heldUntil = at,
    notice: given = {},
    transitionId = newTransition(),
  }: Put,
): Promise<string> {
  const notice = makeNotice({ alertId, ...given });
  const { rows } = await pool.query<{ id: string }>(
    `insert into analytics.notification_outbox (alert_id, transition_id, notice, org_id, channel, recipient,
       severity, payload, detected_at, created_at, not_before)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10) returning id::text`,
    [
      alertId,
      transitionId,
      notice.kind,
      notice.orgId,
      channel,
      recipient,
      notice.severity,
      JSON.stringify(notice),
      at,
      heldUntil,
    ],
  );
  return rows[0]?.id ?? '';
}

export interface Message {
  id: string;
  channel: ChannelName;
  recipient: string;
  notice: string;
  status: string;
  attempts: number;
  ambiguous: boolean;
  failure: string | null;
  provider_id: string | null;
  not_before: Date;
  stands_in_for: string | null;
}

/** The messages of an alert, in the order of their creation. */
export async function messagesOf(pool: Pool, alertId: string): Promise<Message[]> {
  const { rows } = await pool.query<Message>(
    `select id::text, channel, recipient, notice, status, attempts, ambiguous, failure, provider_id, not_before,
       stands_in_for::text
     from analytics.notification_outbox where alert_id = $1 order by analytics.notification_outbox.id`,
    [alertId],
  );
  return rows;
}

/** A unique name. */
export function ownName(): string {
  return randomUUID();
}
