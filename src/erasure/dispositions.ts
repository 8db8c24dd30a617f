import type { Database } from '../database/pool.ts';

/**
 * What the deletion of an org does with a table:
 * - `{ rows }`: deletes the rows that meet the condition, in which `$1` is the org.
 * - `{ strip }`: keeps the rows, and takes the org out of this array of orgs.
 * - `by time`: raw events and rollups, which are deleted day by day with the numbers of all orgs together.
 * - `kept`: has nothing of an org, or has to stay.
 */
export type Disposition = { rows: string } | { strip: string } | 'by time' | 'kept';

const OF_ORG = 'org_id = $1';
/** An alert of a rule over all orgs, in which each org is a group. */
const OF_ORG_GROUP = `group_key::jsonb ->> 'org' = $1`;
const ITS_ALERTS = `select id from analytics.alert_history where ${OF_ORG} or ${OF_ORG_GROUP}`;

/** The tables that differ from the rule of `dispositionOf`. */
const special: Readonly<Record<string, Disposition>> = {
  events: 'by time',
  rollups: 'by time',
  // Other orgs share a batch; their events need its row.
  ingestion_batches: { strip: 'org_ids' },
  // Keys of this org alone are revoked first.
  api_keys: { strip: 'orgs' },
  // Whoever was signed in for it signs in again, without it.
  login_sessions: { rows: '$1 = any(orgs)' },
  login_codes: { rows: '$1 = any(orgs)' },
  alert_states: { rows: OF_ORG_GROUP },
  alert_history: { rows: `${OF_ORG} or ${OF_ORG_GROUP}` },
  notification_outbox: { rows: `${OF_ORG} or alert_id in (${ITS_ALERTS})` },
  in_app_notifications: { rows: `${OF_ORG} or alert_id in (${ITS_ALERTS})` },
  // Who did what has to stay provable, the deletion among it. Nobody can change an entry.
  audit_log: 'kept',
  // It keeps the events of the org out.
  org_deletions: 'kept',
};

/** The tables that are emptied before others, because their conditions read those. */
const FIRST = ['notification_outbox', 'in_app_notifications', 'alert_states', 'alert_history'];
/** Other processes write what they have counted or noted up to five seconds later. */
const LAST = ['quota_days', 'quota_use', 'recent_ingestion'];

interface TableDisposition {
  name: string;
  disposition: Disposition;
}

/** By default a table with an `org_id` loses the rows of the org, so that a new table cannot be forgotten. */
export function dispositionOf(name: string, columns: readonly string[]): Disposition {
  return special[name] ?? (columns.includes('org_id') ? { rows: OF_ORG } : 'kept');
}

/** Every table of the schema with its disposition, in the order of the deletion. */
export async function readDispositions(database: Database): Promise<TableDisposition[]> {
  const { rows } = await database.query<{ name: string; columns: string[] }>(
    `select relname as name,
       array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns
     from pg_class c
     where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`,
  );
  const place = (name: string) =>
    FIRST.includes(name) ? FIRST.indexOf(name) - FIRST.length : LAST.indexOf(name) + 1;
  return rows
    .map(({ name, columns }) => ({ name, disposition: dispositionOf(name, columns) }))
    .sort((a, b) => place(a.name) - place(b.name));
}

/** A condition over the rows that a deletion changes; `undefined` for a table that it leaves alone. */
export function conditionOf(disposition: Disposition): string | undefined {
  if (disposition === 'kept') return undefined;
  if (disposition === 'by time') return OF_ORG;
  return 'rows' in disposition ? disposition.rows : `$1 = any(${disposition.strip})`;
}
