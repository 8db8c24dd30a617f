import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import { withSavepoint } from '../../database/savepoint.ts';
import { BY_PREFERENCE } from '../../reserved-names.ts';
import { SECOND } from '../../time.ts';
import { preferencesFor } from '../routing/preferences.ts';
import { type DefaultRecipients, insteadOfSms } from '../routing/routing.ts';
import { enqueueCopies } from './enqueue.ts';
import type { Leased } from './outbox.ts';

/**
 * A critical SMS that no provider has accepted for this long goes another way too. An attempt on a provider that hangs
 * lasts as long, and the messages behind it wait for several attempts.
 */
const LATE = 10 * SECOND;
const AT_ONCE = 200;

type CriticalSms = Pick<Leased, 'id' | 'orgId' | 'recipient'>;

/** Sends a critical SMS that failed another way at once, to the people behind the number. */
export function standInForSms(
  pool: Pool,
  failed: CriticalSms,
  defaults: DefaultRecipients,
  now: Date,
): Promise<void> {
  return withTransaction(pool, (client) => goOtherWay(client, failed, defaults, now));
}

interface LateSms {
  /** How many were late, failed ones included. */
  late: number;
  failed: { id: string; error: Error }[];
}

/**
 * The same for each critical SMS that is late. One that fails here holds up no other; it goes another way when an attempt
 * to send it fails.
 */
export function standInForLateSms(pool: Pool, defaults: DefaultRecipients, now: Date): Promise<LateSms> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<CriticalSms>(
      `select id::text, org_id as "orgId", recipient from analytics.notification_outbox
       where channel = 'sms' and severity = 'critical' and other_way_at is null and status in ('waiting', 'leased')
         and recipient <> '${BY_PREFERENCE}' and detected_at <= $1
       order by detected_at limit $2 for update skip locked`,
      [new Date(now.getTime() - LATE), AT_ONCE],
    );
    const failed: LateSms['failed'] = [];
    for (const late of rows) {
      const error = await withSavepoint(client, () => goOtherWay(client, late, defaults, now));
      if (!error) continue;
      failed.push({ id: late.id, error });
      await markOtherWay(client, late.id, now);
    }
    return { late: rows.length, failed };
  });
}

async function goOtherWay(
  client: PoolClient,
  { id, orgId, recipient }: CriticalSms,
  defaults: DefaultRecipients,
  now: Date,
): Promise<void> {
  const ways = insteadOfSms(recipient, await preferencesFor(client, orgId), defaults);
  const copies = ways.map((way) => ({ ...way, notBefore: now }));
  await enqueueCopies(client, id, copies, { standsIn: true });
  await markOtherWay(client, id, now);
}

async function markOtherWay(client: PoolClient, id: string, now: Date): Promise<void> {
  await client.query('update analytics.notification_outbox set other_way_at = $2 where id = $1', [id, now]);
}
