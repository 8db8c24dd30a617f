import type { Database } from '../../database/pool.ts';
import { DAY, SECOND } from '../../time.ts';
import { watchableMetrics } from '../rules/metrics.ts';
import type { Rule } from '../rules/rule.ts';
import { readKnownValue } from './known-value.ts';
import { narrowed } from './past-of-rollups.ts';
import type { PreviewedAlert } from './replay.ts';

/** Batches are kept one by one for a day; older ones are merged, and no longer say when their events arrived. */
const REACH = DAY;
/** The latest alerts are looked up, and no more; of the fewer with late events, what was known then is computed. */
const MOST_LOOKED_UP = 50;
const MOST_COMPUTED = 10;

const ARRIVED_LATER = `
  select a.place::int as place, b.until, b.stored, b.batches
  from unnest($1::timestamptz[], $2::timestamptz[]) with ordinality as a (fired, start, place),
    lateral (
      select max(coalesce(rolled_up_at, completed_at)) as until, sum(stored)::int as stored,
        array_agg(batch_id) as batches
      from analytics.ingestion_batches
      where completed_at - occurred_from > interval '1 min' and completed_at > a.fired
        and occurred_from < a.fired and occurred_to >= a.start
        and ($3::text is null or $3 = any(org_ids)) and $4 = any(types)) as b
  where b.until is not null
  order by a.place`;

interface LateBatches {
  /** Of the alert, counted from 1. */
  place: number;
  until: Date;
  stored: number;
  batches: number[];
}

/**
 * Adds to replayed alerts when their events were known, and what was known before. A replay reads the numbers of now; a
 * live evaluation could not know events that had not arrived.
 */
export async function addKnownLate(
  database: Database,
  rule: Rule,
  { alerts, orgId, now }: { alerts: readonly PreviewedAlert[]; orgId: string | null; now: number },
): Promise<void> {
  const metric = watchableMetrics.get(rule.metric);
  const type = metric?.definition?.type;
  if (metric === undefined || type === undefined) return;
  const recent = alerts
    .filter(({ triggeredAt }) => Date.parse(triggeredAt) > now - REACH)
    .slice(-MOST_LOOKED_UP);
  if (recent.length === 0) return;
  const fired = recent.map(({ triggeredAt }) => new Date(triggeredAt));
  const starts = recent.map(({ pendingAt }) => new Date(Date.parse(pendingAt) - rule.windowSeconds * SECOND));
  const { rows } = await database.query<LateBatches>(ARRIVED_LATER, [fired, starts, orgId, type]);
  // The events of all orgs together are too many to be read one by one.
  const computed = new Set(orgId === null ? [] : rows.map(({ place }) => place).slice(-MOST_COMPUTED));
  for (const { place, until, stored, batches } of rows) {
    const alert = recent[place - 1];
    if (!alert) continue;
    Object.assign(alert, { knownAt: until.toISOString(), lateEvents: stored });
    if (orgId === null || !computed.has(place)) continue;
    const end = Date.parse(alert.triggeredAt);
    const window = { start: end - rule.windowSeconds * SECOND, end };
    const one = { rule: narrowed(rule, alert.group), metric, orgId };
    alert.knownThen = await readKnownValue(database, one, window, batches);
  }
}
