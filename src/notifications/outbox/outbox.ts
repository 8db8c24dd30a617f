import type { Database } from '../../database/pool.ts';
import { BY_PREFERENCE } from '../../reserved-names.ts';
import type { ChannelName, Notice, NoticeKind, Severity } from '../notice/notice.ts';

/** A message that a sender has leased. */
export interface Leased {
  id: string;
  alertId: string | null;
  transitionId: string | null;
  kind: NoticeKind;
  /** The org of the rule; `null`: a rule over all orgs. */
  orgId: string | null;
  channel: ChannelName;
  recipient: string;
  severity: Severity;
  notice: Notice;
  detectedAt: Date;
  createdAt: Date;
  /** The attempts so far, this one included. */
  attempts: number;
}

interface LeasedRow {
  id: string;
  alert_id: string | null;
  transition_id: string | null;
  notice: NoticeKind;
  org_id: string | null;
  channel: ChannelName;
  recipient: string;
  severity: Severity;
  payload: Notice;
  detected_at: Date;
  created_at: Date;
  attempts: number;
}

/**
 * Leases the due messages of a channel (`$1`), critical ones first. An expired lease means that its sender died during
 * the attempt: the message may have arrived.
 *
 * A message waits only for an earlier one of the same alert that is being sent to the same recipient. It does not wait
 * for messages that are not due: a critical one must not queue behind a warning that is held until the morning.
 */
const LEASE = `
  update analytics.notification_outbox o
  set status = 'leased', leased_by = $2, leased_until = $3::timestamptz + $4 * interval '1 ms',
    attempts = o.attempts + 1, ambiguous = o.ambiguous or o.status = 'leased'
  from (
    select id from analytics.notification_outbox w
    where w.channel = $1 and w.recipient <> '${BY_PREFERENCE}'
      and (w.status = 'waiting' and w.not_before <= $3 or w.status = 'leased' and w.leased_until < $3)
      and not exists (
        select from analytics.notification_outbox e
        where e.alert_id = w.alert_id and e.channel = w.channel and e.recipient = w.recipient
          and e.transition_id < w.transition_id
          and e.status = 'leased')
    order by (w.severity = 'critical') desc, w.not_before
    limit $5
    for update skip locked
  ) as due
  where o.id = due.id
  returning o.id::text, o.alert_id, o.transition_id::text, o.notice, o.org_id, o.channel, o.recipient, o.severity,
    o.payload, o.detected_at, o.created_at, o.attempts`;

interface LeaseTerms {
  channel: ChannelName;
  /** The id of the sender. */
  sender: string;
  now: Date;
  /** Milliseconds until another sender may take the message. */
  lease: number;
  limit: number;
}

function leasedOf(row: LeasedRow): Leased {
  return {
    id: row.id,
    alertId: row.alert_id,
    transitionId: row.transition_id,
    kind: row.notice,
    orgId: row.org_id,
    channel: row.channel,
    recipient: row.recipient,
    severity: row.severity,
    notice: row.payload,
    detectedAt: row.detected_at,
    createdAt: row.created_at,
    attempts: row.attempts,
  };
}

export async function leaseDue(
  database: Database,
  { channel, sender, now, lease, limit }: LeaseTerms,
): Promise<Leased[]> {
  const { rows } = await database.query<LeasedRow>(LEASE, [channel, sender, now, lease, limit]);
  return rows.map(leasedOf);
}

/** The result of an attempt. */
export type DeliveryResult =
  | { status: 'sent'; at: Date; providerId: string | null }
  | { status: 'waiting'; notBefore: Date; failure: string; ambiguous: boolean }
  | { status: 'dead'; at: Date; failure: string; ambiguous: boolean }
  | { status: 'cancelled'; cancelledFor: Cancellation; failure: string };

/** The named reasons for which a message is cancelled. */
export type Cancellation = 'acknowledged' | 'gone' | 'nobody' | 'over' | 'overtaken' | 'untold';

/** Records a result, unless another sender has the lease by now. @returns whether it was recorded */
export async function settle(
  database: Database,
  { id, attempts }: Pick<Leased, 'id' | 'attempts'>,
  sender: string,
  result: DeliveryResult,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `update analytics.notification_outbox
     set status = $4, leased_by = null, leased_until = null,
       sent_at = $5, provider_id = $6, failure = $7,
       not_before = coalesce($8, not_before), ambiguous = ambiguous or $9, died_at = $10, cancelled_for = $11
     where id = $1 and status = 'leased' and leased_by = $2 and attempts = $3`,
    [
      id,
      sender,
      attempts,
      result.status,
      result.status === 'sent' ? result.at : null,
      result.status === 'sent' ? result.providerId : null,
      'failure' in result ? result.failure : null,
      result.status === 'waiting' ? result.notBefore : null,
      'ambiguous' in result && result.ambiguous,
      result.status === 'dead' ? result.at : null,
      result.status === 'cancelled' ? result.cancelledFor : null,
    ],
  );
  return rowCount === 1;
}

/** Makes a dead message due once more. @returns whether it was dead */
export async function replayDead(database: Database, id: string, now: Date): Promise<boolean> {
  const { rowCount } = await database.query(
    `update analytics.notification_outbox
     set status = 'waiting', not_before = $2, created_at = $2, attempts = 0, died_at = null
     where id = $1 and status = 'dead'`,
    [id, now],
  );
  return rowCount === 1;
}

/** The due and the dead messages of a channel. */
export interface Backlog {
  channel: ChannelName;
  waiting: number;
  /** How long the oldest has been due; seconds. */
  oldest: number;
  dead: number;
}

export async function backlogOf(database: Database, now: Date): Promise<Backlog[]> {
  const { rows } = await database.query<Backlog>(
    `select channel, count(*) filter (where status <> 'dead') as waiting,
       coalesce(extract(epoch from $1 - min(not_before) filter (where status <> 'dead')), 0)::float8 as oldest,
       count(*) filter (where status = 'dead') as dead
     from analytics.notification_outbox
     where status in ('waiting', 'leased') and not_before <= $1 or status = 'dead'
     group by channel`,
    [now],
  );
  return rows;
}
