import type { Database } from '../../database/pool.ts';
import type { ChannelName, Notice } from '../notice/notice.ts';
import type { Recipient } from '../routing/route-notice.ts';

/** A notice of an alert, with the transition that it reports; `null`: a notice about no alert. */
export interface EnqueuedNotice {
  notice: Notice;
  transitionId: number | null;
  /** The org of the rule; `null`: a rule over all orgs. The notice may be about another org. */
  orgId: string | null;
  recipients: readonly Recipient[];
  at: Date;
}

/**
 * Adds a notice for its recipients: to the outbox, or inside the product. Call it in the transaction that records the
 * transition, so that neither exists without the other. A recipient gets each notice only once.
 */
export async function enqueue(database: Database, enqueued: EnqueuedNotice): Promise<void> {
  const { notice, transitionId, orgId, recipients, at } = enqueued;
  const alertId = transitionId === null ? null : notice.alertId;
  const outside = recipients.filter(({ channel }) => channel !== 'in_app');
  if (outside.length > 0) {
    await database.query(
      `insert into analytics.notification_outbox
         (alert_id, transition_id, notice, org_id, channel, recipient, severity, payload, detected_at, not_before)
       select $1, $2, $3, $4, r.channel, r.recipient, $5, $6, $7, $7
       from unnest($8::text[], $9::text[]) as r (channel, recipient)
       on conflict do nothing`,
      [
        alertId,
        transitionId,
        notice.kind,
        orgId,
        notice.severity,
        JSON.stringify(notice),
        at,
        outside.map(({ channel }) => channel),
        outside.map(({ recipient }) => recipient),
      ],
    );
  }
  const inside = recipients.filter(({ channel }) => channel === 'in_app');
  if (inside.length === 0) return;
  await enqueueInApp(database, {
    notice,
    alertId,
    transitionId,
    orgId,
    recipients: inside.map(({ recipient }) => recipient),
    at,
  });
}

interface InAppNotice {
  notice: Notice;
  /** `null`, both: a test notice, which is about no alert. */
  alertId: string | null;
  transitionId: number | null;
  orgId: string | null;
  recipients: readonly string[];
  at: Date;
}

/**
 * Adds a notice inside the product.
 * @returns the id of each new notification
 */
export async function enqueueInApp(database: Database, added: InAppNotice): Promise<string[]> {
  const { notice, alertId, transitionId, orgId, recipients, at } = added;
  const { rows } = await database.query<{ id: string }>(
    `insert into analytics.in_app_notifications
       (alert_id, transition_id, notice, org_id, recipient, severity, payload, created_at)
     select $1, $2, $3, $4, r.recipient, $5, $6, $7 from unnest($8::text[]) as r (recipient)
     on conflict do nothing
     returning id::text as id`,
    [alertId, transitionId, notice.kind, orgId, notice.severity, JSON.stringify(notice), at, recipients],
  );
  return rows.map(({ id }) => id);
}

/** A further recipient of a message. */
export interface Copy {
  channel: ChannelName;
  recipient: string;
  notBefore: Date;
}

const COPIED = 'alert_id, transition_id, notice, org_id, severity, payload, detected_at, created_at';

/**
 * Adds copies of a message for further recipients. A recipient who has a message of the same transition on the same
 * channel gets no second one.
 * @param standsIn whether the copies go out in place of the message, because its own channel is late or failed
 */
export async function enqueueCopies(
  database: Database,
  messageId: string,
  copies: readonly Copy[],
  { standsIn }: { standsIn: boolean },
): Promise<void> {
  await database.query(
    `insert into analytics.notification_outbox (${COPIED}, channel, recipient, not_before, stands_in_for)
     select ${COPIED}, c.channel, c.recipient, c.not_before, case when $5 then id end
     from analytics.notification_outbox,
       unnest($2::text[], $3::text[], $4::timestamptz[]) as c (channel, recipient, not_before)
     where id = $1
     on conflict (transition_id, channel, recipient) where transition_id is not null do nothing`,
    [
      messageId,
      copies.map(({ channel }) => channel),
      copies.map(({ recipient }) => recipient),
      copies.map(({ notBefore }) => notBefore),
      standsIn,
    ],
  );
}
