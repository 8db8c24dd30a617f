import type { Database } from '../../database/pool.ts';
import { DAY, SECOND } from '../../time.ts';
import { watchableMetrics } from '../rules/metrics.ts';
import type { Rule } from '../rules/rule.ts';
import type { PreviewedAlert } from './replay.ts';

/** Batches are kept one by one for a day; older ones are merged, and no longer say when their events arrived. */
const REACH = DAY;
/** The latest alerts are looked up, and no more. */
const MOST_LOOKED_UP = 50;

const ARRIVED_LATER = `
  select a.place::int as place, b.until, b.stored
  from unnest($1::timestamptz[], $2::timestamptz[]) with ordinality as a (fired, start, place),
    lateral (
      select max(coalesce(rolled_up_at, completed_at)) as until, sum(stored)::int as stored
      from analytics.ingestion_batches
      where completed_at - occurred_from > interval '1 min' and completed_at > a.fired
        and occurred_from < a.fired and occurred_to >= a.start
        and ($3::text is null or $3 = any(org_ids)) and $4 = any(types)) as b
  where b.until is not null`;

/**
 * Adds to replayed alerts when their events were known. A replay reads the numbers of now; a live evaluation could not know
 * events that had not arrived.
 */
export async function addKnownLate(
  database: Database,
  rule: Rule,
  { alerts, orgId, now }: { alerts: readonly PreviewedAlert[]; orgId: string | null; now: number },
): Promise<void> {
  const type = watchableMetrics.get(rule.metric)?.definition?.type;
  if (type === undefined) return;
  const recent = alerts
    .filter(({ triggeredAt }) => Date.parse(triggeredAt) > now - REACH)
    .slice(-MOST_LOOKED_UP);
  if (recent.length === 0) return;
  const fired = recent.map(({ triggeredAt }) => new Date(triggeredAt));
  const starts = recent.map(({ pendingAt }) => new Date(Date.parse(pendingAt) - rule.windowSeconds * SECOND));
  const { rows } = await database.query<{ place: number; until: Date; stored: number }>(ARRIVED_LATER, [
    fired,
    starts,
    orgId,
    type,
  ]);
  for (const { place, until, stored } of rows) {
    const alert = recent[place - 1];
    if (alert) Object.assign(alert, { knownAt: until.toISOString(), lateEvents: stored });
  }
}
