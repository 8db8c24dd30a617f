import type { PoolClient } from 'pg';
import type { Database } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { Preference } from './routing.ts';

interface PreferenceRow {
  org_id: string;
  kind: Preference['kind'];
  id: string;
  email: string | null;
  phone: string | null;
  slack: string | null;
  webhook: string | null;
  pagerduty: string | null;
  teams: string | null;
  discord: string | null;
  timezone: string | null;
  channels: Preference['channels'];
  quiet_hours: Preference['quietHours'];
  version: number;
  updated_at: Date;
  updated_by: string;
}

/** The user or team that a preference belongs to, in one org. */
export type PreferenceOwner = Pick<Preference, 'kind' | 'id'> & { orgId: string };

/** A preference with its version and the person who last changed it. */
export interface StoredPreference extends Preference {
  /** The org that it belongs to, and whose alerts it is for; `ALL_ORGS`: those of rules over all orgs. */
  orgId: string;
  version: number;
  updatedAt: string;
  updatedBy: string;
}

const COLUMNS =
  'org_id, kind, id, email, phone, slack, webhook, pagerduty, teams, discord, timezone, channels, quiet_hours, version, updated_at, updated_by';

function preferenceOf(row: PreferenceRow): StoredPreference {
  return {
    orgId: row.org_id,
    kind: row.kind,
    id: row.id,
    email: row.email,
    phone: row.phone,
    slack: row.slack,
    webhook: row.webhook,
    pagerduty: row.pagerduty,
    teams: row.teams,
    discord: row.discord,
    timezone: row.timezone,
    channels: row.channels,
    quietHours: row.quiet_hours,
    version: row.version,
    updatedAt: row.updated_at.toISOString(),
    updatedBy: row.updated_by,
  };
}

/** The preferences for the alerts of an org; `null`: for the alerts of rules over all orgs. */
export async function preferencesFor(database: Database, orgId: string | null): Promise<StoredPreference[]> {
  const { rows } = await database.query<PreferenceRow>(
    `select ${COLUMNS} from analytics.notification_preferences where org_id = $1 order by kind, id`,
    [orgId ?? ALL_ORGS],
  );
  return rows.map(preferenceOf);
}

/** The preference of a person or a team in an org. */
export async function findPreference(
  database: Database,
  { orgId, kind, id }: PreferenceOwner,
): Promise<StoredPreference | undefined> {
  const { rows } = await database.query<PreferenceRow>(
    `select ${COLUMNS} from analytics.notification_preferences where org_id = $1 and kind = $2 and id = $3`,
    [orgId, kind, id],
  );
  return rows[0] && preferenceOf(rows[0]);
}

/** The preferences of some orgs; `'all'`: every preference. */
export async function listPreferences(
  database: Database,
  orgs: readonly string[] | 'all',
): Promise<StoredPreference[]> {
  const { rows } = await database.query<PreferenceRow>(
    `select ${COLUMNS} from analytics.notification_preferences
     where $1::text[] is null or org_id = any($1) order by kind, id, org_id`,
    [orgs === 'all' ? null : orgs],
  );
  return rows.map(preferenceOf);
}

/**
 * Locks all preferences against changes until the transaction ends. A check and the change after it then see the same
 * rows, even for a preference that does not exist yet. Preferences change seldom, so one lock is enough.
 */
export async function holdPreferences(client: PoolClient): Promise<void> {
  await client.query('lock table analytics.notification_preferences in share row exclusive mode');
}

/** Creates or replaces a preference. */
export async function savePreference(
  database: Database,
  preference: Preference & { orgId: string },
  by: string,
  now: Date,
): Promise<StoredPreference> {
  const { orgId, kind, id, channels, quietHours, ...given } = preference;
  const { rows } = await database.query<PreferenceRow>(
    `insert into analytics.notification_preferences as p
       (org_id, kind, id, email, phone, slack, webhook, channels, quiet_hours, updated_at, updated_by,
        pagerduty, teams, discord, timezone)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     on conflict (org_id, kind, id) do update set
       email = excluded.email, phone = excluded.phone, slack = excluded.slack,
       webhook = excluded.webhook, pagerduty = excluded.pagerduty, teams = excluded.teams,
       discord = excluded.discord, timezone = excluded.timezone, channels = excluded.channels, quiet_hours = excluded.quiet_hours,
       version = p.version + 1, updated_at = excluded.updated_at, updated_by = excluded.updated_by
     returning ${COLUMNS}`,
    [
      orgId,
      kind,
      id,
      given.email,
      given.phone,
      given.slack,
      given.webhook,
      JSON.stringify(channels),
      quietHours && JSON.stringify(quietHours),
      now,
      by,
      given.pagerduty,
      given.teams,
      given.discord,
      given.timezone,
    ],
  );
  const [row] = rows;
  if (!row) throw new Error('the saved preference was not returned');
  return preferenceOf(row);
}

/** Removes a preference. @returns whether it existed */
export async function removePreference(
  database: Database,
  { orgId, kind, id }: PreferenceOwner,
): Promise<boolean> {
  const { rowCount } = await database.query(
    'delete from analytics.notification_preferences where org_id = $1 and kind = $2 and id = $3',
    [orgId, kind, id],
  );
  return rowCount === 1;
}
