import type { Database } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { BY_PREFERENCE } from '../../reserved-names.ts';
import type { ChannelName, Notice, NoticeKind, Severity } from '../notice/notice.ts';
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
}

/**
 * The messages `w` of a channel (`$1`) that are due (`$2`). An expired lease means that its sender died during the
 * attempt: the message may have arrived.
 *
 * A message waits only for an earlier one of the same alert that is being sent to the same recipient. It does not wait
 * for messages that are not due: a critical one must not queue behind a warning that is held until the morning.
 */
const IS_DUE = `
  w.channel = $1 and w.recipient <> '${BY_PREFERENCE}'
  and (w.status = 'waiting' and w.not_before <= $2 or w.status = 'leased' and w.leased_until < $2)
  and not exists (
    select from analytics.notification_outbox e
    where e.alert_id = w.alert_id and e.channel = w.channel and e.recipient = w.recipient
      and e.transition_id < w.transition_id
      and e.status = 'leased')`;

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
      where ${IS_DUE}
        and coalesce(w.org_id, '${ALL_ORGS}') <> all($3::text[])
        and (coalesce(w.org_id, '${ALL_ORGS}'), w.recipient) not in (select * from unnest($4::text[], $5::text[]))
    ) as due
    where of_recipient <= $6
  ) as in_turn
  order by ${CRITICAL_FIRST}, of_org, not_before, id
  limit $7`;

const LEASE = `
  update analytics.notification_outbox o
  set status = 'leased', leased_by = $3, leased_until = $2::timestamptz + $4 * interval '1 ms',
    attempts = o.attempts + 1, ambiguous = o.ambiguous or o.status = 'leased'
  from (
    select id from analytics.notification_outbox w where w.id = any($5::bigint[]) and ${IS_DUE}
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
}

interface Lease {
  leased: Leased[];
  paces: Paces;
}

/**
 * Leases due messages, and takes a place for each. The sender gives the places back. A destination that has refused
 * messages gets one at a time.
 */
export async function leaseDue(database: Database, terms: LeaseTerms, places: Places): Promise<Lease> {
  const now = terms.now.getTime();
  const paces = await readPaces(database, terms.channel, now);
  if (paces.isClosed) return { leased: [], paces };
  const taken: (Destination & { id: string })[] = [];
  for (const message of await readNext(database, terms, { places, closed: paces.closed })) {
    const most = paces.isPaced(message) ? 1 : places.ofRecipient;
    if (!places.take(message, now, most)) continue;
    if (most === 1 && !(await takeTurn(database, terms.channel, message, terms.now)))
      places.giveBack(message);
    else taken.push(message);
  }
  if (taken.length === 0) return { leased: [], paces };
  let leased: Leased[] = [];
  try {
    const { channel, sender, lease } = terms;
    const ids = taken.map(({ id }) => id);
    const { rows } = await database.query<LeasedRow>(LEASE, [channel, terms.now, sender, lease, ids]);
    leased = rows.map(leasedOf);
  } finally {
    // Another sender may have been faster.
    const got = new Set(leased.map(({ id }) => id));
    for (const message of taken) if (!got.has(message.id)) places.giveBack(message);
  }
  return { leased, paces };
}

async function readNext(
  database: Database,
  { channel, now }: LeaseTerms,
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
    places.ofRecipient,
    places.free,
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
  };
}
