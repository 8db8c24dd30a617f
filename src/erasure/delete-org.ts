import type { Pool } from 'pg';
import { recordAudits } from '../auth/audit.ts';
import type { Caller } from '../auth/caller.ts';
import { revokeTokens } from '../auth/token-revocations.ts';
import { ownCommand } from '../command-line.ts';
import { LOCK_SPACE, lockNumbers } from '../database/advisory-locks.ts';
import { citusState } from '../database/extensions/citus.ts';
import { withTransaction } from '../database/pool.ts';
import { CodedError } from '../errors.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { REST } from '../orgs/deleted-orgs.ts';
import { type Clock, SECOND, sleep } from '../time.ts';
import { noteErased } from './deletion-record.ts';
import { conditionOf, readDispositions } from './dispositions.ts';
import { eraseNumbers } from './erase-numbers.ts';
import { eraseRows } from './erase-rows.ts';
import { settleOrg } from './settle-org.ts';

/** Processes write what they have counted of an org, and learn that it is deleted, within five seconds. */
const LAST_WRITES = 6 * SECOND;

export interface DeletionOptions {
  pool: Pool;
  clock: Clock;
  caller: Caller;
  /** Called before each step. */
  onStep?: (what: string) => void;
}

/** Rows by table. */
export type RowCounts = Record<string, number>;

/** The rows that a deletion would delete or change, by table. Changes nothing. */
export async function countOrg(pool: Pool, orgId: string): Promise<RowCounts> {
  const counts: RowCounts = {};
  for (const { name, disposition } of await readDispositions(pool)) {
    const condition = conditionOf(disposition);
    if (condition === undefined) continue;
    const { rows } = await pool.query<{ rows: number }>(
      `select count(*) as rows from analytics.${name} where ${condition}`,
      [orgId],
    );
    if (rows[0]?.rows) counts[name] = rows[0].rows;
  }
  return counts;
}

/**
 * Deletes everything of an org. Once it is recorded, no event of the org is taken in by any process. The rest is done in
 * short transactions. A deletion that was interrupted goes on where it was when it is called again.
 *
 * @returns the rows that were deleted or changed, by table, those of earlier attempts among them
 * @throws {CodedError} `invalid_request` for `*`; `unavailable` when events of the org cannot be rolled up
 */
export async function deleteOrg(orgId: string, options: DeletionOptions): Promise<RowCounts> {
  const { pool, clock, caller, onStep = () => {} } = options;
  if (orgId === ALL_ORGS)
    throw new CodedError(
      'invalid_request',
      `${ALL_ORGS} stands for all orgs together, and cannot be deleted`,
    );
  onStep('recording the deletion');
  await beginDeletion(orgId, options);
  const began = performance.now();
  await revokeKeys(pool, orgId, clock);
  onStep('rolling up what waits');
  await settleOrg(pool, orgId);
  const distributed = (await citusState(pool)) === 'distributed';
  const tables = await readDispositions(pool);
  const eraseTables = async () => {
    for (const { name, disposition } of tables) {
      onStep(name);
      await noteErased(
        pool,
        orgId,
        name,
        await eraseRows(pool, { table: name, disposition, orgId, distributed }),
      );
    }
  };
  await eraseNumbers(pool, orgId, (done, days) => onStep(`day ${done} of ${days}`));
  await eraseTables();
  await sleep(Math.max(0, LAST_WRITES - (performance.now() - began)));
  // What was written since, such as the count of a quota.
  await eraseTables();
  const removed = await finish(pool, orgId, clock);
  await recordAudits(pool, clock, [
    { ...caller, action: 'org.deleted', orgId, subject: orgId, after: removed },
  ]);
  return removed;
}

/**
 * Records the deletion, unless one is under way. A transaction with the lock of storing meets every batch before it: the
 * later ones see the record.
 */
async function beginDeletion(orgId: string, { pool, clock, caller }: DeletionOptions): Promise<void> {
  await withTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1, $2)', [LOCK_SPACE, lockNumbers.storing]);
    const { rowCount } = await client.query(
      `insert into analytics.org_deletions as d (org_id, requested_at, requested_by) values ($1, $2, $3)
       on conflict (org_id) do update
         set requested_at = excluded.requested_at, requested_by = excluded.requested_by, finished_at = null,
           allowed_at = null, removed = '{}'
         where d.allowed_at is not null or d.finished_at is not null`,
      [orgId, new Date(clock.now()), caller.actor.id],
    );
    if (rowCount === 0) return;
    await recordAudits(client, clock, [{ ...caller, action: 'org.delete', orgId, subject: orgId }]);
    await revokeTokens({ database: client, clock }, { kind: 'org', name: orgId }, caller);
  });
}

/** Revokes the keys that have no other org. Keys of several orgs lose this one, as other tables do. */
async function revokeKeys(pool: Pool, orgId: string, clock: Clock): Promise<void> {
  await pool.query(
    `update analytics.api_keys set revoked_at = $2 where orgs = array[$1] and role <> 'admin' and revoked_at is null`,
    [orgId, new Date(clock.now())],
  );
}

async function finish(pool: Pool, orgId: string, clock: Clock): Promise<RowCounts> {
  const { rows } = await pool.query<{ removed: RowCounts }>(
    `update analytics.org_deletions set finished_at = $2 where org_id = $1 returning removed`,
    [orgId, new Date(clock.now())],
  );
  return rows[0]?.removed ?? {};
}

/**
 * Lets a deleted org send events again, as a new org.
 *
 * @throws {CodedError} `not_found` when it was not deleted; `conflict` while it is being deleted, or has just been
 */
export async function allowOrg(orgId: string, { pool, clock, caller }: DeletionOptions): Promise<void> {
  await withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ finished_at: Date | null }>(
      'select finished_at from analytics.org_deletions where org_id = $1 and allowed_at is null for update',
      [orgId],
    );
    const [deletion] = rows;
    if (!deletion)
      throw new CodedError('not_found', `the org ${orgId} is not deleted, so its events are taken in`);
    if (!deletion.finished_at)
      throw new CodedError(
        'conflict',
        `the deletion of ${orgId} is not finished; run ${ownCommand()} orgs delete again`,
      );
    const wait = deletion.finished_at.getTime() + REST - clock.now();
    if (wait > 0)
      throw new CodedError(
        'conflict',
        `the deletion of ${orgId} has just finished; wait ${Math.ceil(wait / SECOND)} s, until every process knows of it`,
      );
    await client.query('update analytics.org_deletions set allowed_at = $2 where org_id = $1', [
      orgId,
      new Date(clock.now()),
    ]);
    await recordAudits(client, clock, [{ ...caller, action: 'org.allow', orgId, subject: orgId }]);
  });
}
