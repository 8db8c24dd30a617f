import type { Database } from '../../database/pool.ts';
import type { ChannelName, NoticeKind, Severity } from '../notice/notice.ts';

export const deliveryStatuses = ['waiting', 'leased', 'sent', 'dead', 'cancelled', 'expanded'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** A message of the outbox, as lists show it. */
export interface ListedDelivery {
  id: string;
  alertId: string | null;
  /** The org of the rule; `null`: a rule over all orgs. */
  orgId: string | null;
  kind: NoticeKind;
  channel: ChannelName;
  recipient: string;
  severity: Severity;
  status: DeliveryStatus;
  attempts: number;
  /** Whether it may have arrived more than once, or although the attempt failed. */
  ambiguous: boolean;
  failure: string | null;
  providerId: string | null;
  detectedAt: string;
  notBefore: string;
  sentAt: string | null;
  /** When the deliverer gave up. */
  diedAt: string | null;
  /** The failed or late message that it replaces. */
  standsInFor: string | null;
}

interface DeliveryRow {
  id: string;
  alert_id: string | null;
  org_id: string | null;
  notice: NoticeKind;
  channel: ChannelName;
  recipient: string;
  severity: Severity;
  status: DeliveryStatus;
  attempts: number;
  ambiguous: boolean;
  failure: string | null;
  provider_id: string | null;
  detected_at: Date;
  not_before: Date;
  sent_at: Date | null;
  died_at: Date | null;
  stands_in_for: string | null;
}

function listedDeliveryOf(row: DeliveryRow): ListedDelivery {
  return {
    id: row.id,
    alertId: row.alert_id,
    orgId: row.org_id,
    kind: row.notice,
    channel: row.channel,
    recipient: row.recipient,
    severity: row.severity,
    status: row.status,
    attempts: row.attempts,
    ambiguous: row.ambiguous,
    failure: row.failure,
    providerId: row.provider_id,
    detectedAt: row.detected_at.toISOString(),
    notBefore: row.not_before.toISOString(),
    sentAt: row.sent_at?.toISOString() ?? null,
    diedAt: row.died_at?.toISOString() ?? null,
    standsInFor: row.stands_in_for,
  };
}

export interface DeliveriesWanted {
  orgs: readonly string[] | 'all';
  status?: DeliveryStatus;
  channel?: ChannelName;
  alertId?: string;
  id?: string;
  /** Only those before this id. */
  before?: string;
  limit: number;
}

/** Lists messages, the newest first. Only `'all'` includes those of rules over all orgs. */
export async function listDeliveries(
  database: Database,
  { orgs, status, channel, alertId, id, before, limit }: DeliveriesWanted,
): Promise<ListedDelivery[]> {
  const { rows } = await database.query<DeliveryRow>(
    `select o.id::text, o.alert_id, o.org_id, o.notice, o.channel, o.recipient, o.severity, o.status, o.attempts,
       o.ambiguous, o.failure, o.provider_id, o.detected_at, o.not_before, o.sent_at, o.died_at,
       o.stands_in_for::text
     from analytics.notification_outbox o
     where ($1::text[] is null or o.org_id = any($1))
       and ($2::text is null or o.status = $2) and ($3::text is null or o.channel = $3)
       and ($4::uuid is null or o.alert_id = $4) and ($5::bigint is null or o.id < $5)
       and ($6::bigint is null or o.id = $6)
     order by o.id desc limit $7`,
    [
      orgs === 'all' ? null : orgs,
      status ?? null,
      channel ?? null,
      alertId ?? null,
      before ?? null,
      id ?? null,
      limit,
    ],
  );
  return rows.map(listedDeliveryOf);
}
