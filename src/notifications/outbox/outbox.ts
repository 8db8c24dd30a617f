import type { Database } from '../../database/pool.ts';
import { DAY, MINUTE, SECOND } from '../../time.ts';
import type { ChannelName, Notice, NoticeKind, Severity } from '../notice/notice.ts';
import { LONGEST_ASKED } from './retry-delay.ts';

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
  /** The first message of the delivery that it belongs to: itself, if it is told alone. */
  toldWith: string;
}

/** The result of an attempt. */
export type DeliveryResult =
  | { status: 'sent'; at: Date; providerId: string | null }
  | { status: 'waiting'; notBefore: Date; failure: string; ambiguous: boolean; alone?: boolean }
  | { status: 'dead'; at: Date; failure: string; ambiguous: boolean }
  | { status: 'cancelled'; cancelledFor: Cancellation; failure: string };

/** The named reasons for which a message is cancelled. */
export type Cancellation = 'acknowledged' | 'gone' | 'nobody' | 'over' | 'overtaken' | 'own' | 'untold';

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
       not_before = coalesce($8, not_before), ambiguous = ambiguous or $9, died_at = $10, cancelled_for = $11, alone = alone or $12
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
      result.status === 'waiting' && result.alone === true,
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

/** Clocks of several processes may differ by as much. */
const TOLERATED = MINUTE;
/** Quiet hours end within a day. */
const LONGEST_HELD = DAY;

// A message without a hold is due when it was detected. One that is held until the end of quiet hours keeps that time.
const TAKE_BACK = `
  update analytics.notification_outbox
  set not_before = case
      when attempts = 0 and not_before > detected_at + interval '1 min' and not_before < $1::timestamptz + $2::interval
      then not_before else least(not_before, $1::timestamptz) end,
    detected_at = least(detected_at, $1::timestamptz), created_at = least(created_at, $1::timestamptz),
    leased_until = least(leased_until, $1::timestamptz + $4::interval)
  where status in ('waiting', 'leased') and (
    detected_at > $1::timestamptz + $4::interval
    or leased_until > $1::timestamptz + 2 * $4::interval
    or not_before > $1::timestamptz + (case when attempts = 0 then $2 else $3 end)::interval)`;

/**
 * Takes back the times of unsent messages that come from a clock that was ahead: no hold and no retry is as long. Else the
 * messages would wait until the clock has reached these times again.
 * @returns how many messages there were
 */
export async function takeBackMessages(database: Database, now: number): Promise<number> {
  const seconds = (millis: number) => `${millis / SECOND} s`;
  const { rowCount } = await database.query(TAKE_BACK, [
    new Date(now),
    seconds(LONGEST_HELD + TOLERATED),
    seconds(LONGEST_ASKED + TOLERATED),
    seconds(TOLERATED),
  ]);
  return rowCount ?? 0;
}
