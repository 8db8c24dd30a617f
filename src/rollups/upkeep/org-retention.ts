import type { Pool } from 'pg';
import { recordAudits } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { type Queryable, withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { type Clock, DAY } from '../../time.ts';
import { eventsKeptFrom } from '../org-removals.ts';

/** How long raw events of an org are kept. */
export interface OrgRetention {
  orgId: string;
  /** Days that the org has of its own; `null`: as all orgs. */
  ownDays: number | null;
  /** Days that apply: the fewer of those of the org and of all orgs. */
  days: number;
  /** Raw events before it have been removed; `null` while none have. */
  keptFrom: Date | null;
}

interface RetentionOf {
  orgId: string;
  /** Milliseconds that raw events of all orgs are kept. */
  rawRetention: number;
}

/** Whole days, since raw events are removed by the day. */
function daysOf(rawRetention: number): number {
  return Math.floor(rawRetention / DAY);
}

export async function readOrgRetention(
  database: Queryable,
  { orgId, rawRetention }: RetentionOf,
): Promise<OrgRetention> {
  const { rows } = await database.query<{ raw_days: number | null }>(
    'select raw_days from analytics.org_retention where org_id = $1',
    [orgId],
  );
  const ownDays = rows[0]?.raw_days ?? null;
  const keptFrom = (await eventsKeptFrom(database, orgId)) ?? null;
  return { orgId, ownDays, days: Math.min(ownDays ?? Infinity, daysOf(rawRetention)), keptFrom };
}

interface SetOptions {
  pool: Pool;
  clock: Clock;
  caller: Caller;
  /** The field or argument with the days, for the error. */
  field: string;
}

/**
 * Sets how many days raw events of an org are kept. Retention removes what is past it at its next run.
 * @param ownDays `null`: as those of all orgs
 * @throws {CodedError} `invalid_request` for more days than `RAW_RETENTION`, and for `*`
 */
export async function setOrgRetention(
  { orgId, rawRetention, ownDays }: RetentionOf & { ownDays: number | null },
  { pool, clock, caller, field }: SetOptions,
): Promise<OrgRetention> {
  if (orgId === ALL_ORGS)
    throw new CodedError(
      'invalid_request',
      `${ALL_ORGS} stands for all orgs together. RAW_RETENTION is the setting for all orgs.`,
    );
  const most = daysOf(rawRetention);
  if (ownDays !== null && (!Number.isInteger(ownDays) || ownDays < 1 || ownDays > most)) {
    const message = `must be a whole number of days from 1 to ${most}, since days of all orgs are removed together after RAW_RETENTION`;
    throw new CodedError('invalid_request', `${field} ${message}.`, { faults: [{ path: field, message }] });
  }
  return withTransaction(pool, async (client) => {
    const before = await readOrgRetention(client, { orgId, rawRetention });
    await client.query(
      `insert into analytics.org_retention as r (org_id, raw_days, changed_at, changed_by) values ($1, $2, $3, $4)
       on conflict (org_id) do update
         set raw_days = excluded.raw_days, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
      [orgId, ownDays, new Date(clock.now()), caller.actor.id],
    );
    await recordAudits(client, clock, [
      {
        ...{ ...caller, action: 'org.retention', orgId, subject: orgId },
        ...{ before: { rawRetentionDays: before.ownDays }, after: { rawRetentionDays: ownDays } },
      },
    ]);
    return readOrgRetention(client, { orgId, rawRetention });
  });
}
