import { recordAudits } from '../auth/audit.ts';
import type { Caller } from '../auth/caller.ts';
import { type Database, type Queryable, withTransaction } from '../database/pool.ts';
import { type Fault, refuse } from '../errors.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { EXPECTED_KEY, isLabelKey, keyOfLabel, type LabelName } from '../events/labels.ts';
import type { Clock } from '../time.ts';

/** The most labels that are dimensions of an org at a time: each multiplies its series. */
export const MOST_DECLARED = 8;
/** The most that an org has ever declared, so that nobody fills a table that every process reads. */
const MOST_EVER = 100;

/** A label that is or was a dimension of an org. */
export interface LabelDimension {
  key: string;
  /** Events that arrived before are not told apart by it. */
  declaredAt: Date;
  /** Since then new events are not told apart by it; `null`: they are. */
  endedAt: Date | null;
}

/** The labels of an org: those that are dimensions now, then those that were. */
export async function listLabelDimensions(database: Queryable, orgId: string): Promise<LabelDimension[]> {
  const { rows } = await database.query<LabelDimension>(
    `select key, declared_at as "declaredAt", ended_at as "endedAt" from analytics.label_dimensions
     where org_id = $1 order by ended_at is not null, key`,
    [orgId],
  );
  return rows;
}

/** The labels that are dimensions of an org now. */
export async function declaredKeys(database: Queryable, orgId: string): Promise<string[]> {
  const labels = await listLabelDimensions(database, orgId);
  return labels.filter(({ endedAt }) => endedAt === null).map(({ key }) => key);
}

/** The labels to declare, by whom, and for which org. */
interface Declaration {
  orgId: string;
  keys: readonly string[];
  caller: Caller;
}

/**
 * Makes these labels, and no others, dimensions of the events that an org sends from now on. The numbers of labels that
 * are left out stay, and can still be asked for.
 * @throws {CodedError} `invalid_request`
 */
export async function declareLabels(
  { database, clock }: { database: Database; clock: Clock },
  { orgId, keys, caller }: Declaration,
): Promise<LabelDimension[]> {
  const faults = faultsOf(keys);
  if (faults.length > 0) throw refuse('In the body', faults);
  return withTransaction(database, async (client) => {
    // One change at a time, so that the audit log has what was there before. Labels change rarely.
    await client.query('lock table analytics.label_dimensions in share row exclusive mode');
    const before = await listLabelDimensions(client, orgId);
    const ever = new Set([...before.map(({ key }) => key), ...keys]);
    if (ever.size > MOST_EVER) {
      const message = `would make ${ever.size} labels that are or were dimensions; an org has at most ${MOST_EVER}. Use some of the earlier ones again`;
      throw refuse('In the body', [{ path: '$.labels', message }]);
    }
    const now = new Date(clock.now());
    await client.query(
      `update analytics.label_dimensions set ended_at = $2 where org_id = $1 and ended_at is null and key <> all($3)`,
      [orgId, now, keys],
    );
    await client.query(
      `insert into analytics.label_dimensions (org_id, key, declared_at) select $1, unnest($2::text[]), $3
       on conflict (org_id, key) do update set ended_at = null`,
      [orgId, keys, now],
    );
    const after = await listLabelDimensions(client, orgId);
    const declared = (labels: readonly LabelDimension[]) => ({
      labels: labels.filter(({ endedAt }) => endedAt === null).map(({ key }) => key),
    });
    await recordAudits(client, clock, [
      { ...caller, action: 'labels.declare', orgId, before: declared(before), after: declared(after) },
    ]);
    return after;
  });
}

function faultsOf(keys: readonly string[]): Fault[] {
  if (keys.length > MOST_DECLARED) {
    const message = `must be at most ${MOST_DECLARED} keys, and not ${keys.length}: each label multiplies the series of the org`;
    return [{ path: '$.labels', message }];
  }
  return keys.flatMap((key, index) => {
    const path = `$.labels[${index}]`;
    if (!isLabelKey(key)) return [{ path, message: `must be ${EXPECTED_KEY}` }];
    return keys.indexOf(key) < index ? [{ path, message: `repeats ${key}` }] : [];
  });
}

/** A label of a question, and the parameter that names it. */
export interface NamedLabel {
  name: LabelName;
  parameter: string;
}

/**
 * Refuses a question about labels that never were dimensions of the org.
 * @throws {CodedError} `invalid_request`
 */
export async function refuseUnknownLabels(
  database: Queryable,
  orgId: string,
  labels: readonly NamedLabel[],
  where = 'In the query',
): Promise<void> {
  if (labels.length === 0) return;
  if (orgId === ALL_ORGS) {
    throw refuse(
      where,
      labels.map(({ name, parameter }) => ({
        path: parameter,
        message: `${name} is a label of one org; name it with orgId`,
      })),
    );
  }
  const known = (await listLabelDimensions(database, orgId)).map(({ key }) => key);
  const unknown = labels.filter(({ name }) => !known.includes(keyOfLabel(name)));
  if (unknown.length === 0) return;
  const which =
    known.length === 0
      ? 'an org_admin declares labels with PUT /analytics/v1/orgs/{orgId}/labels'
      : `its labels are ${known.join(', ')}`;
  throw refuse(
    where,
    unknown.map(({ name, parameter }) => ({
      path: parameter,
      message: `${name} is no dimension of this org; ${which}`,
    })),
  );
}
