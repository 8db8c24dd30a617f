import type { OrgScope } from '../../auth/caller.ts';
import type { Database } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { type Occurrence, occurrenceAt } from './recurrence.ts';
import type { Matchers, Silence, SilenceState } from './silence.ts';

/** A silence as it is stored. Times are milliseconds. */
export interface StoredSilence extends Silence {
  id: string;
  /** Null: for rules over all orgs. */
  orgId: string | null;
  version: number;
  createdAt: number;
  createdBy: string;
  updatedAt: number;
  updatedBy: string;
}

interface SilenceRow {
  id: string;
  org_id: string | null;
  name: string | null;
  reason: string;
  matchers: Matchers;
  starts_at: Date | null;
  ends_at: Date | null;
  recurrence: Silence['recurrence'];
  version: number;
  created_at: Date;
  created_by: string;
  updated_at: Date;
  updated_by: string;
}

export const SILENCE_COLUMNS =
  'id, org_id, name, reason, matchers, starts_at, ends_at, recurrence, version, created_at, created_by, updated_at, updated_by';

export function silenceOf(row: SilenceRow): StoredSilence {
  return {
    id: row.id,
    orgId: row.org_id,
    name: row.name,
    reason: row.reason,
    ...row.matchers,
    startsAt: row.starts_at?.getTime() ?? null,
    endsAt: row.ends_at?.getTime() ?? null,
    recurrence: row.recurrence,
    version: row.version,
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.getTime(),
    updatedBy: row.updated_by,
  };
}

/** The state of a silence at a moment, with its occurrence that is under way or comes next. */
export function standOf(
  silence: Silence,
  now: number,
): { state: SilenceState; occurrence: Occurrence | null } {
  const occurrence = occurrenceAt(silence, now);
  if (!occurrence) return { state: 'expired', occurrence };
  return { state: occurrence.opensAt <= now ? 'active' : 'pending', occurrence };
}

export interface SilencesWanted {
  scope: OrgScope;
  /** Only those that are not over at this moment; milliseconds. */
  unexpiredAt?: number;
  ids?: readonly string[];
  after?: { createdAt: string; id: string };
  limit: number;
}

/** Lists silences, the newest first. Only `'all'` includes those for rules over all orgs. */
export async function listSilences(
  database: Database,
  { scope, unexpiredAt, ids, after, limit }: SilencesWanted,
): Promise<StoredSilence[]> {
  const { rows } = await database.query<SilenceRow>(
    `select ${SILENCE_COLUMNS} from analytics.alert_silences
     where ($1::text[] is null or org_id = any($1)) and ($2::timestamptz is null or closes_at > $2 or recurrence is not null and closes_at is not null)
       and ($3::uuid[] is null or id = any($3))
       and ($5::uuid is null or (date_trunc('milliseconds', created_at), id) < ($4::timestamptz, $5::uuid))
     order by date_trunc('milliseconds', created_at) desc, id desc limit $6`,
    [
      scope === 'all' ? null : scope,
      unexpiredAt === undefined ? null : new Date(unexpiredAt),
      ids ?? null,
      after?.createdAt ?? null,
      after?.id ?? null,
      limit,
    ],
  );
  return rows.map(silenceOf);
}

/** @throws {CodedError} `not_found`, also for a silence outside the scope */
export async function readStoredSilence(
  database: Database,
  id: string,
  scope: OrgScope,
): Promise<StoredSilence> {
  const [found] = await listSilences(database, { scope, ids: [id], limit: 1 });
  if (found) return found;
  throw new CodedError('not_found', `There is no silence ${id}.`);
}

interface Writing {
  by: string;
  now: number;
}

function parametersOf(silence: Silence, { by, now }: Writing): unknown[] {
  const { name, reason, rules, labels, severities, startsAt, endsAt, recurrence } = silence;
  const occurrence = occurrenceAt(silence, now);
  const date = (at: number | null | undefined) => (at == null ? null : new Date(at));
  return [
    name,
    reason,
    JSON.stringify({ rules, labels, severities }),
    date(startsAt),
    date(endsAt),
    recurrence && JSON.stringify(recurrence),
    date(occurrence?.opensAt),
    date(occurrence?.closesAt),
    new Date(now),
    by,
  ];
}

/** Adds a silence. @throws {CodedError} `conflict` if the org has one of that name */
export async function insertSilence(
  database: Database,
  orgId: string | null,
  silence: Silence,
  writing: Writing,
): Promise<StoredSilence> {
  const { rows } = await database.query<SilenceRow>(
    `insert into analytics.alert_silences (name, reason, matchers, starts_at, ends_at, recurrence, opens_at, closes_at,
       created_at, created_by, updated_at, updated_by, org_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9, $10, $11)
     on conflict do nothing returning ${SILENCE_COLUMNS}`,
    [...parametersOf(silence, writing), orgId],
  );
  if (rows[0]) return silenceOf(rows[0]);
  throw nameTaken(silence.name);
}

/** Replaces a silence, which the caller has read in this transaction. */
export async function replaceSilence(
  database: Database,
  id: string,
  silence: Silence,
  writing: Writing,
): Promise<StoredSilence> {
  const taken = await database.query(
    `select from analytics.alert_silences s join analytics.alert_silences o on o.id = $1
     where s.id <> $1 and s.name = $2 and s.org_id is not distinct from o.org_id`,
    [id, silence.name],
  );
  if (taken.rowCount !== 0) throw nameTaken(silence.name);
  const { rows } = await database.query<SilenceRow>(
    `update analytics.alert_silences set name = $1, reason = $2, matchers = $3, starts_at = $4, ends_at = $5,
       recurrence = $6, opens_at = $7, closes_at = $8, updated_at = $9, updated_by = $10, version = version + 1
     where id = $11 returning ${SILENCE_COLUMNS}`,
    [...parametersOf(silence, writing), id],
  );
  if (rows[0]) return silenceOf(rows[0]);
  throw new CodedError('not_found', `There is no silence ${id}.`);
}

function nameTaken(name: string | null): CodedError {
  const message = `is taken: the org already has a silence named ${JSON.stringify(name)}`;
  return new CodedError('conflict', `The name ${message}.`, { faults: [{ path: '$.name', message }] });
}
