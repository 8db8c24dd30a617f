import type { Pool } from 'pg';
import type { Ingest } from '../../ingestion/ingest.ts';

const AT_ONCE = 500;

interface UnrecordedTransition {
  id: string;
  alert_id: string;
  at: Date;
  transition: string;
  org_id: string | null;
  name: string;
  severity: string;
}

/**
 * Makes an `alert` event of every transition that is none yet. Its id is that of the transition, so that one which
 * was stored and not marked is a duplicate the next time, and counts once.
 * @param ownOrg the org of alerts that are of no org: of a rule over all orgs, whatever org they are about
 * @returns how many there were
 */
export async function recordAlertEvents(pool: Pool, ingest: Ingest, ownOrg: string): Promise<number> {
  const { rows } = await pool.query<UnrecordedTransition>(
    `select t.id::text as id, t.alert_id, t.at, t.transition, h.name, h.severity,
       case when not h.all_orgs then h.org_id end as org_id
     from analytics.alert_transitions t join analytics.alert_history h on h.id = t.alert_id
     where t.event_recorded_at is null
     order by t.id limit $1`,
    [AT_ONCE],
  );
  if (rows.length === 0) return 0;
  await ingest.submit({
    events: rows.map((row) => ({
      type: 'alert',
      orgId: row.org_id ?? ownOrg,
      eventId: `alert-transition-${row.id}`,
      occurredAt: row.at.toISOString(),
      alertId: row.alert_id,
      name: row.name,
      severity: row.severity,
      transition: row.transition,
    })),
    source: 'self',
    correlationId: `alert-transitions-${rows[0]?.id}`,
    mayIngestFor: () => true,
    internal: true,
    anyTime: true,
  });
  await pool.query(
    'update analytics.alert_transitions set event_recorded_at = clock_timestamp() where id = any($1::bigint[])',
    [rows.map((row) => row.id)],
  );
  return rows.length;
}
