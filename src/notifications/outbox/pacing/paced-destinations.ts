import type { Pool } from 'pg';
import { type Database, withTransaction } from '../../../database/pool.ts';
import { type ChannelName, destinationKinds } from '../../notice/notice.ts';
import { type Destination, ownerOf } from '../places.ts';
import { isClosed, type Pace, paceAfterAcceptance, paceAfterRefusal } from './pace.ts';

/** Stands for every recipient of a channel whose provider counts all messages of an account together. */
const EVERY_RECIPIENT = '*';
/** The channels whose limit is that of one recipient. */
const BY_RECIPIENT: ReadonlySet<ChannelName> = new Set(['slack', ...destinationKinds]);

interface PaceRow {
  org_id: string;
  recipient: string;
  opens_at: Date;
  next_at: Date;
  spacing_ms: number;
  accepted: number;
  refused_at: Date;
}

/** The paces of a channel, as they are when messages are leased. */
export interface Paces {
  /** Whether nothing may be sent on the channel at all. */
  isClosed: boolean;
  /** The destinations to which nothing may be sent now. */
  closed: Destination[];
  /** Milliseconds until the next one opens; `undefined`: none is closed. */
  opensIn: number | undefined;
  /** Whether a destination gets one message at a time. */
  isPaced(destination: Destination): boolean;
}

const COLUMNS = 'org_id, recipient, opens_at, next_at, spacing_ms, accepted, refused_at';

export async function readPaces(database: Database, channel: ChannelName, now: number): Promise<Paces> {
  const { rows } = await database.query<PaceRow>(
    `select ${COLUMNS} from analytics.notification_pace where channel = $1`,
    [channel],
  );
  const closed = rows.filter((row) => isClosed(paceOf(row), now));
  const keys = new Set(rows.map((row) => keyOf(row.org_id, row.recipient)));
  const waits = closed.map((row) => row.next_at.getTime() - now);
  return {
    isClosed: closed.some(({ recipient }) => recipient === EVERY_RECIPIENT),
    closed: closed.map((row) => ({ orgId: row.org_id, recipient: row.recipient })),
    opensIn: waits.length === 0 ? undefined : Math.min(...waits),
    isPaced: (one) => keys.has(keyOf(...placeOf(channel, one))),
  };
}

/**
 * Takes the next turn of a paced destination, so that no other process sends to it before its spacing is over.
 * @returns whether this process got the turn
 */
export async function takeTurn(
  database: Database,
  channel: ChannelName,
  destination: Destination,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `update analytics.notification_pace
     set next_at = $4::timestamptz + greatest(spacing_ms, 50) * interval '1 ms'
     where channel = $1 and org_id = $2 and recipient = $3
       and (next_at <= $4 or next_at > $4::timestamptz + interval '2 hours')`,
    [channel, ...placeOf(channel, destination), now],
  );
  return rowCount === 1;
}

interface Refusal {
  /** Milliseconds, all. */
  began: number;
  now: number;
  retryAfter: number | undefined;
  /** A random number in `[0, 1)`. */
  chance: number;
}

/** Holds back a destination that got too many messages. @returns when it is tried again, in milliseconds */
export function noteRefusal(
  pool: Pool,
  channel: ChannelName,
  destination: Destination,
  refusal: Refusal,
): Promise<number> {
  const place = placeOf(channel, destination);
  return withTransaction(pool, async (client) => {
    // Two processes may meet the first refusal together.
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 41))', [keyOf(...place)]);
    const before = await readPace(client, channel, place);
    const after = paceAfterRefusal(before, refusal, refusal.chance);
    await client.query(
      `insert into analytics.notification_pace (channel, ${COLUMNS})
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       on conflict (channel, org_id, recipient) do update set opens_at = excluded.opens_at, next_at = excluded.next_at,
         spacing_ms = excluded.spacing_ms, accepted = excluded.accepted, refused_at = excluded.refused_at`,
      [
        channel,
        ...place,
        new Date(after.opensAt),
        new Date(after.nextAt),
        after.spacing,
        after.accepted,
        new Date(after.refusedAt),
      ],
    );
    return after.nextAt;
  });
}

/** Counts a message that a paced destination took. */
export async function noteAcceptance(
  database: Database,
  channel: ChannelName,
  destination: Destination,
  now: number,
): Promise<void> {
  const place = placeOf(channel, destination);
  const before = await readPace(database, channel, place);
  if (!before) return;
  const after = paceAfterAcceptance(before, now);
  await (after
    ? database.query(
        `update analytics.notification_pace set accepted = $4, spacing_ms = $5
         where channel = $1 and org_id = $2 and recipient = $3 and opens_at = $6`,
        [channel, ...place, after.accepted, after.spacing, new Date(before.opensAt)],
      )
    : database.query(
        'delete from analytics.notification_pace where channel = $1 and org_id = $2 and recipient = $3',
        [channel, ...place],
      ));
}

async function readPace(
  database: Database,
  channel: ChannelName,
  [orgId, recipient]: readonly [string, string],
): Promise<Pace | undefined> {
  const { rows } = await database.query<PaceRow>(
    `select ${COLUMNS} from analytics.notification_pace where channel = $1 and org_id = $2 and recipient = $3`,
    [channel, orgId, recipient],
  );
  return rows[0] && paceOf(rows[0]);
}

function paceOf(row: PaceRow): Pace {
  return {
    opensAt: row.opens_at.getTime(),
    nextAt: row.next_at.getTime(),
    spacing: row.spacing_ms,
    accepted: row.accepted,
    refusedAt: row.refused_at.getTime(),
  };
}

/** The org and the recipient of the row of a destination. */
function placeOf(channel: ChannelName, destination: Destination): readonly [string, string] {
  return BY_RECIPIENT.has(channel)
    ? [ownerOf(destination), destination.recipient]
    : [EVERY_RECIPIENT, EVERY_RECIPIENT];
}

function keyOf(orgId: string, recipient: string): string {
  return JSON.stringify([orgId, recipient]);
}
