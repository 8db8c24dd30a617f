import type { Pool } from 'pg';
import type { Ingest } from '../../ingestion/ingest.ts';

const AT_ONCE = 500;

interface TransitionRow {
  id: string;
  alert_id: string;
  at: Date;
  transition: string;
  org_id: string | null;
  name: string;
  severity: string;
}

/**
 * Ingests an `alert` event for every transition that has none yet. The id of the event comes from the transition: if
 * the process dies after the event is stored, the next attempt is a duplicate and does not count again.
 * @param ownOrg the org of the events of rules over all orgs, whatever org the alert is about
 * @returns how many transitions there were
 */
export async function ingestTransitions(pool: Pool, ingest: Ingest, ownOrg: string): Promise<number> {
  const { rows } = await pool.query<TransitionRow>(
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
