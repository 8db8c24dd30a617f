import type { PoolClient } from 'pg';
import { order } from '../../events/types/order.ts';
import { type SessionStage, session, sessionStages } from '../../events/types/session.ts';
import { storefront } from '../../events/types/storefront.ts';
import { bucketStart, finestGrain } from '../grains.ts';
import type { SelectedEvents } from '../rows/selected-events.ts';
import { writeDerivedRows } from './derived-rows.ts';

/** The stage of an event. Later stages have higher numbers. */
const STAGE = `case
  when type = '${order.type}' then ${sessionStages.indexOf('complete')}
  when stage = 'checkout' then ${sessionStages.indexOf('checkout')}
  when stage = 'add_to_cart' then ${sessionStages.indexOf('cart')}
  else ${sessionStages.indexOf('visit')}
end`;

/** The start and the furthest stage of each session among events. A refund or cancellation belongs to no session. */
export function sessionsSql(condition: string): string {
  return `
  select org_id, session_id, min(occurred_at) as started_at, max(${STAGE}) as furthest
  from analytics.events
  where ${condition} and session_id is not null
    and (type = '${storefront.type}' or (type = '${order.type}' and status = 'completed'))
  group by org_id, session_id`;
}

/** A session that events have changed: its new start and stage, and those that it counted for before. */
interface ChangedSession {
  org_id: string;
  started_at: Date;
  furthest: number;
  was_started_at: Date | null;
  was_furthest: number | null;
}

/** How many more or fewer sessions reached a stage, in the bucket in which they began. */
interface SessionChange {
  orgId: string;
  stage: SessionStage;
  /** Milliseconds. */
  bucketStart: number;
  count: number;
}

/** What the changed sessions add to some buckets and subtract from others. */
function sessionChanges(sessions: readonly ChangedSession[]): SessionChange[] {
  const changes = new Map<string, SessionChange>();
  const add = (orgId: string, startedAt: Date | null, furthest: number | null, count: number) => {
    if (startedAt === null || furthest === null) return;
    const bucket = bucketStart(finestGrain, startedAt.getTime());
    for (const stage of sessionStages.slice(0, furthest + 1)) {
      const key = `${stage} ${bucket} ${orgId}`;
      const change = changes.get(key) ?? { orgId, stage, bucketStart: bucket, count: 0 };
      change.count += count;
      changes.set(key, change);
    }
  };
  for (const session of sessions) {
    add(session.org_id, session.was_started_at, session.was_furthest, -1);
    add(session.org_id, session.started_at, session.furthest, 1);
  }
  return [...changes.values()].filter(({ count }) => count !== 0);
}

/**
 * Counts sessions by the stages that they reached, in rows of a fold of the finest grain. A session counts once for each
 * stage, in the bucket in which it began, in whatever order its events arrive.
 *
 * The table of sessions stores what each counts for. When an event shows that a session began earlier or got further,
 * the fold subtracts the session in its old bucket and adds it in its new one.
 */
export async function foldSessions(
  client: PoolClient,
  foldId: number,
  { condition, values }: SelectedEvents,
): Promise<void> {
  const { rows } = await client.query<ChangedSession>(
    // All workers use one order, so that two with the same session wait instead of deadlocking.
    `insert into analytics.sessions as s (org_id, session_id, started_at, furthest, changed_at)
     select org_id, session_id, started_at, furthest, date_trunc('day', now())
     from (${sessionsSql(condition)}) as seen
     order by org_id, session_id
     on conflict (org_id, session_id) do update set
       was_started_at = s.started_at, was_furthest = s.furthest,
       started_at = least(s.started_at, excluded.started_at),
       furthest = greatest(s.furthest, excluded.furthest),
       changed_at = excluded.changed_at
     where excluded.started_at < s.started_at or excluded.furthest > s.furthest
     returning org_id, started_at, furthest, was_started_at, was_furthest`,
    [...values],
  );
  await writeDerivedRows(
    client,
    foldId,
    session.type,
    sessionChanges(rows).map(({ orgId, stage, ...change }) => ({
      ...change,
      dimensions: { org_id: orgId, type: session.type, stage },
    })),
  );
}
