import type { PoolClient } from 'pg';
import { type AuditEntry, recordAudits } from '../../auth/audit.ts';
import type { Caller, OrgScope } from '../../auth/caller.ts';
import { QUOTA_LOCKS } from '../../database/advisory-locks.ts';
import { type Database, withTransaction } from '../../database/pool.ts';
import { CodedError, refuse } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { Clock } from '../../time.ts';
import { makeOwingDue } from './end-silences.ts';
import type { Silence } from './silence.ts';
import { insertSilence, readStoredSilence, replaceSilence, type StoredSilence } from './stored-silences.ts';

/** The most silences of an org that are not over. */
export const MOST_SILENCES = 500;

export interface SilenceOptions {
  pool: Database;
  clock: Clock;
}

/** @throws {CodedError} `invalid_request` for a rule that does not exist; `conflict`; `quota_exceeded` */
export function addSilence(
  { pool, clock }: SilenceOptions,
  orgId: string | null,
  silence: Silence,
  caller: Caller,
): Promise<StoredSilence> {
  return withTransaction(pool, async (client) => {
    await checkSilence(client, orgId, silence, '$');
    await holdCount(client, orgId, clock.now());
    const writing = { by: caller.actor.id, now: clock.now() };
    const after = await insertSilence(client, orgId, silence, writing);
    await audit(client, clock, caller, { action: 'alert_silence.create', after });
    return after;
  });
}

/** @throws {CodedError} as `addSilence`; `not_found` */
export function changeSilence(
  { pool, clock }: SilenceOptions,
  { id, scope, silence }: { id: string; scope: OrgScope; silence: Silence },
  caller: Caller,
): Promise<StoredSilence> {
  return withTransaction(pool, async (client) => {
    const before = await lockSilence(client, id, scope);
    await checkSilence(client, before.orgId, silence, '$');
    const after = await replaceSilence(client, id, silence, { by: caller.actor.id, now: clock.now() });
    // It may silence less than before.
    await makeOwingDue(client, [before.orgId ?? ALL_ORGS], clock.now());
    await audit(client, clock, caller, { action: 'alert_silence.update', before, after });
    return after;
  });
}

/** Removes a silence. Owed notices are sent at the next evaluation, which comes at once. @throws {CodedError} `not_found` */
export function removeSilence(
  { pool, clock }: SilenceOptions,
  { id, scope }: { id: string; scope: OrgScope },
  caller: Caller,
): Promise<void> {
  return withTransaction(pool, async (client) => {
    const before = await lockSilence(client, id, scope);
    await client.query('delete from analytics.alert_silences where id = $1', [id]);
    await makeOwingDue(client, [before.orgId ?? ALL_ORGS], clock.now());
    await audit(client, clock, caller, { action: 'alert_silence.delete', before });
  });
}

async function lockSilence(client: PoolClient, id: string, scope: OrgScope): Promise<StoredSilence> {
  await client.query('select from analytics.alert_silences where id = $1 for update', [id]);
  return readStoredSilence(client, id, scope);
}

/** Refuses a silence of a rule that the org does not have: nobody would notice that it silences nothing. */
export async function checkSilence(
  client: PoolClient,
  orgId: string | null,
  { rules }: Silence,
  at: string,
): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'select name from analytics.alert_configs where org_id is not distinct from $1 and name = any($2)',
    [orgId, rules],
  );
  const known = new Set(rows.map(({ name }) => name));
  const faults = rules.flatMap((name, index) =>
    known.has(name)
      ? []
      : [
          {
            path: `${at}.rules[${index}]`,
            message: `${JSON.stringify(name)} is no rule of ${orgId ?? 'all orgs'}; use the name of a rule`,
          },
        ],
  );
  if (faults.length > 0) throw refuse('In the silence', faults);
}

/** The lock makes two callers at the same moment count one after the other. */
export async function holdCount(client: PoolClient, orgId: string | null, now: number): Promise<void> {
  const org = orgId ?? ALL_ORGS;
  await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [QUOTA_LOCKS, `silences ${org}`]);
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from analytics.alert_silences
     where coalesce(org_id, '${ALL_ORGS}') = $1 and (closes_at > $2 or recurrence is not null and closes_at is not null)`,
    [org, new Date(now)],
  );
  if ((rows[0]?.count ?? 0) < MOST_SILENCES) return;
  throw new CodedError(
    'quota_exceeded',
    `The org has ${MOST_SILENCES} silences that are not over, and may have no more. Remove some.`,
  );
}

function audit(
  client: PoolClient,
  clock: Clock,
  caller: Caller,
  entry: Pick<AuditEntry, 'action'> & { before?: StoredSilence; after?: StoredSilence },
): Promise<void> {
  const { id, orgId } = entry.after ?? entry.before ?? {};
  const about = { ...(id && { subject: id }), ...(orgId && { orgId }) };
  return recordAudits(client, clock, [{ ...caller, ...entry, ...about }]);
}
