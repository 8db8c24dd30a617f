import type { Pool } from 'pg';
import { recordAudits } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { type Queryable, withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { EXPECTED_ZONE, isTimeZone } from '../../queries/reading/time-buckets.ts';
import type { Clock } from '../../time.ts';

/**
 * The IANA zone of the people of an org: of its rules and recipients that name none. Null: it has set none, and UTC counts.
 * @param orgId null: rules over all orgs, and their recipients
 */
export async function readOrgZone(database: Queryable, orgId: string | null): Promise<string | null> {
  const { rows } = await database.query<{ timezone: string | null }>(
    'select timezone from analytics.org_settings where org_id = $1',
    [orgId ?? ALL_ORGS],
  );
  return rows[0]?.timezone ?? null;
}

interface SetOptions {
  pool: Pool;
  clock: Clock;
  caller: Caller;
  /** The field or argument with the zone, for the error. */
  field: string;
}

/**
 * Sets the zone of an org, with an entry in the audit log.
 * @param wanted `orgId`: `*` for rules over all orgs; `timezone`: null for UTC
 * @throws {CodedError} `invalid_request` for a zone that does not exist
 */
export async function setOrgZone(
  { orgId, timezone }: { orgId: string; timezone: string | null },
  { pool, clock, caller, field }: SetOptions,
): Promise<void> {
  if (timezone !== null && !isTimeZone(timezone)) {
    throw new CodedError('invalid_request', `${field} ${EXPECTED_ZONE}.`, {
      faults: [{ path: field, message: EXPECTED_ZONE }],
    });
  }
  await withTransaction(pool, async (client) => {
    const before = await readOrgZone(client, orgId);
    await client.query(
      `insert into analytics.org_settings (org_id, timezone, updated_at, updated_by) values ($1, $2, $3, $4)
       on conflict (org_id) do update
         set timezone = excluded.timezone, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
      [orgId, timezone, new Date(clock.now()), caller.actor.id],
    );
    await recordAudits(client, clock, [
      {
        ...{ ...caller, action: 'org.timezone', subject: orgId },
        ...(orgId !== ALL_ORGS && { orgId }),
        ...{ before: { timezone: before }, after: { timezone } },
      },
    ]);
  });
}
