import type { Database } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { BY_PREFERENCE } from '../../reserved-names.ts';
import type { ChannelName, Notice, NoticeKind, Severity } from '../notice/notice.ts';
import { type GroupWait, MOST_TOGETHER } from './grouping/group-wait.ts';
import type { Leased } from './outbox.ts';
import { type Paces, readPaces, takeTurn } from './pacing/paced-destinations.ts';
import { type Destination, ownerOf, type Places } from './places.ts';

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
  told_with: string;
}

/** Whether a message is waiting and its time has come, or its sender died. */
const IS_FREE = `(w.status = 'waiting' and w.not_before <= $2 or w.status = 'leased' and w.leased_until < $2)`;

/**
 * The messages `w` of a channel (`$1`) that are due (`$2`). An expired lease means that its sender died during the
 * attempt: the message may have arrived.
 *
 * A message waits only for an earlier one of the same alert that is being sent to the same recipient. It does not wait
 * for messages that are not due: a critical one must not queue behind a warning that is held until the morning.
 */
const IS_DUE = `
  w.channel = $1 and w.recipient <> '${BY_PREFERENCE}'
  and ${IS_FREE}
  and not exists (
    select from analytics.notification_outbox e
    where e.alert_id = w.alert_id and e.channel = w.channel and e.recipient = w.recipient
      and e.transition_id < w.transition_id
      and e.status = 'leased')`;

/** Whether messages are told together with others: those of alerts and of rules that cannot be evaluated. */
function isAboutAlerts(message: string): string {
  return `(${message}.alert_id is not null or ${message}.notice in ('rule_failing', 'rule_evaluated'))`;
}

/**
 * Whether a message may be the first to its recipient: nothing was sent there within the wait. The wait is `$8` for critical
 * messages and `$9` for others; 0 is none. A critical message waits only for critical ones, and one that is tried again for
 * none.
 */
const MAY_BE_FIRST = `
  ($9::int = 0 or w.attempts > 0 or w.alone or not ${isAboutAlerts('w')} or not exists (
    select from analytics.notification_outbox e
    where e.status = 'sent' and e.channel = w.channel and e.recipient = w.recipient and ${isAboutAlerts('e')}
      and coalesce(e.org_id, '${ALL_ORGS}') = coalesce(w.org_id, '${ALL_ORGS}')
      and e.sent_at <= $2
      and e.sent_at > $2::timestamptz - (case when w.severity = 'critical' then $8::int else $9::int end) * interval '1 ms'
      and (w.severity <> 'critical' or e.severity = 'critical')))`;

const CRITICAL_FIRST = `(severity = 'critical') desc`;

/**
 * The next messages to lease: critical ones first, of each org in turn, and some of each recipient (`$6`) at most.
 * Without the turns, the messages of one org would all come before a later one of another org.
 */
const NEXT = `
  select id::text, "orgId", recipient from (
    select *, row_number() over (partition by "orgId" order by ${CRITICAL_FIRST}, not_before, id) as of_org
    from (
      select w.id, w.org_id as "orgId", w.recipient, w.severity, w.not_before,
        row_number() over (
          partition by w.org_id, w.recipient order by (w.severity = 'critical') desc, w.not_before, w.id
        ) as of_recipient
      from analytics.notification_outbox w
      where ${IS_DUE} and ${MAY_BE_FIRST}
        and coalesce(w.org_id, '${ALL_ORGS}') <> all($3::text[])
        and (coalesce(w.org_id, '${ALL_ORGS}'), w.recipient) not in (select * from unnest($4::text[], $5::text[]))
    ) as due
    where of_recipient <= $6
  ) as in_turn
  order by ${CRITICAL_FIRST}, of_org, not_before, id
  limit $7`;

/** The delivery that may have arrived: it is repeated with the same messages, so that its receiver recognises it. */
function repeatedBy(message: 'w' | 'l'): string {
  return `case when ${message}.ambiguous or ${message}.status = 'leased' then coalesce(${message}.told_with, ${message}.id) end`;
}

/**
 * Leases the chosen messages, and if they are grouped (`$6`) all others that are due to the same recipients. Two senders may
 * choose the same message at once. Only the one that locks it first takes the others along; without this lock, each would
 * take a part of them, and the recipient would get two messages.
 */
const LEASE = `
  with first as (
    select w.* from analytics.notification_outbox w
    where $6 and w.id = any($5::bigint[]) and not w.alone and ${isAboutAlerts('w')} and ${IS_FREE}
    for update skip locked
  ), due as (
    select w.id, coalesce(l.id, w.id) as told_with from analytics.notification_outbox w
    left join first l on l.recipient = w.recipient
      and coalesce(l.org_id, '${ALL_ORGS}') = coalesce(w.org_id, '${ALL_ORGS}')
      and not w.alone and ${isAboutAlerts('w')}
      and ${repeatedBy('w')} is not distinct from ${repeatedBy('l')}
    where ${IS_DUE} and (w.id = any($5::bigint[]) or l.id is not null)
    order by (w.id = any($5::bigint[])) desc, (w.severity = 'critical') desc, w.id limit $7
    for update of w skip locked
  )
  update analytics.notification_outbox o
  set status = 'leased', leased_by = $3, leased_until = $2::timestamptz + $4 * interval '1 ms',
    attempts = o.attempts + 1, ambiguous = o.ambiguous or o.status = 'leased', told_with = due.told_with
  from due
  where o.id = due.id
  returning o.id::text, o.alert_id, o.transition_id::text, o.notice, o.org_id, o.channel, o.recipient, o.severity,
    o.payload, o.detected_at, o.created_at, o.attempts, o.told_with::text`;

interface LeaseTerms {
  channel: ChannelName;
  /** The id of the sender. */
  sender: string;
  now: Date;
  /** Milliseconds until another sender may take the message. */
  lease: number;
  /** How long messages wait to be told together; `undefined`: each is told by itself. */
  wait?: GroupWait | undefined;
}

interface Lease {
  /** The messages of each delivery. */
  deliveries: Leased[][];
  paces: Paces;
}

/**
 * Leases due messages, and takes a place for each. The sender gives the places back. A destination that has refused
 * messages gets one at a time.
 */
export async function leaseDue(database: Database, terms: LeaseTerms, places: Places): Promise<Lease> {
  const now = terms.now.getTime();
  const paces = await readPaces(database, terms.channel, now);
  if (paces.isClosed) return { deliveries: [], paces };
  const taken: (Destination & { id: string })[] = [];
  for (const message of await readNext(database, terms, { places, closed: paces.closed })) {
    const isPaced = paces.isPaced(message);
    const most = isPaced || terms.wait ? 1 : places.ofRecipient;
    if (!places.take(message, now, most)) continue;
    if (isPaced && !(await takeTurn(database, terms.channel, message, terms.now))) places.giveBack(message);
    else taken.push(message);
  }
  if (taken.length === 0) return { deliveries: [], paces };
  let leased: Leased[] = [];
  try {
    const { channel, sender, lease } = terms;
    const ids = taken.map(({ id }) => id);
    const { rows } = await database.query<LeasedRow>(LEASE, [
      channel,
      terms.now,
      sender,
      lease,
      ids,
      terms.wait !== undefined,
      terms.wait ? MOST_TOGETHER : ids.length,
    ]);
    leased = rows.map(leasedOf);
  } finally {
    // Another sender may have been faster.
    const got = new Set(leased.map(({ toldWith }) => toldWith));
    for (const message of taken) if (!got.has(message.id)) places.giveBack(message);
  }
  return { deliveries: [...Map.groupBy(leased, ({ toldWith }) => toldWith).values()], paces };
}

async function readNext(
  database: Database,
  { channel, now, wait }: LeaseTerms,
  { places, closed }: { places: Places; closed: readonly Destination[] },
): Promise<(Destination & { id: string })[]> {
  const { orgs, destinations: full } = places.excluded(now.getTime());
  const destinations = [...full, ...closed];
  const { rows } = await database.query<Destination & { id: string }>(NEXT, [
    channel,
    now,
    orgs,
    destinations.map(ownerOf),
    destinations.map(({ recipient }) => recipient),
    wait ? 1 : places.ofRecipient,
    places.free,
    wait?.critical ?? 0,
    wait?.others ?? 0,
  ]);
  return rows;
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
    toldWith: row.told_with,
  };
}
