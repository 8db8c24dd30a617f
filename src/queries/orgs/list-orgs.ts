import type { Database } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { NANODOLLARS_PER_CENT } from '../../events/field.ts';
import { usage } from '../../events/types/usage.ts';
import { bucketEnd, bucketStart, finestGrain, grainNamed } from '../../rollups/grains.ts';
import { type Clock, DAY } from '../../time.ts';
import { queryRollupsByOrg } from '../reading/query-rollups-by-org.ts';
import { planWindows } from '../reading/read-plan.ts';
import type { TimeRange } from '../reading/time-buckets.ts';
import { queryWithWaitingWork } from '../reading/waiting-work.ts';

/** An org in a list of those that a caller may see. */
export interface ListedOrg {
  orgId: string;
  /** When its last event occurred, as far as it is rolled up; null without any. ISO 8601. */
  lastEventAt: string | null;
  /** The cost of its model calls in the last 30 days, in cents. */
  spendCents: number;
}

interface OrgsWanted {
  /** The orgs that the caller may see; `all`: every org that has had an event. */
  scope: readonly string[] | 'all';
  /** Only orgs behind this one, in the order of their ids. */
  after: string | undefined;
  limit: number;
}

const SPEND_DAYS = 30;

/** One page of orgs, ordered by their ids. It reads the numbers of the orgs of the page alone. */
export async function listOrgs(
  { database, clock }: { database: Database; clock: Clock },
  wanted: OrgsWanted,
): Promise<ListedOrg[]> {
  const orgIds =
    wanted.scope === 'all' ? await orgsWithEvents(database, wanted) : orgsOfScope(wanted.scope, wanted);
  if (orgIds.length === 0) return [];
  const range = lastDays(clock.now());
  const [spends, lasts] = await Promise.all([
    queryRollupsByOrg<{ cost: number }>(database, {
      ...{
        orgIds,
        type: usage.type,
        plan: planWindows([range]),
        filters: {},
        groupBy: [],
        columns: ['cost'],
      },
      select: 'coalesce(sum(r.cost), 0)::float8 as cost',
    }),
    lastEvents(database, orgIds),
  ]);
  const spendOf = new Map(spends.map(({ org_id, cost }) => [org_id, cost / NANODOLLARS_PER_CENT]));
  return orgIds.map((orgId) => ({
    orgId,
    lastEventAt: lasts.get(orgId)?.toISOString() ?? null,
    spendCents: spendOf.get(orgId) ?? 0,
  }));
}

/** Whole days up to today, and today so far. */
function lastDays(now: number): TimeRange {
  return {
    start: bucketStart(grainNamed('day'), now) - SPEND_DAYS * DAY,
    end: bucketEnd(finestGrain, now),
  };
}

function orgsOfScope(scope: readonly string[], { after, limit }: OrgsWanted): string[] {
  return [...new Set(scope)]
    .sort()
    .filter((orgId) => after === undefined || orgId > after)
    .slice(0, limit);
}

/** Jumps from org to org in the index: a `distinct` would read the series of all orgs. */
async function orgsWithEvents(database: Database, { after, limit }: OrgsWanted): Promise<string[]> {
  const { rows } = await database.query<{ org_id: string }>(
    `with recursive orgs as (
       (select org_id, 1 as place from analytics.series
        where org_id > $1 and org_id <> $2 order by org_id limit 1)
       union all
       select next.org_id, o.place + 1
       from orgs o cross join lateral (
         select s.org_id from analytics.series s
         where s.org_id > o.org_id and s.org_id <> $2 order by s.org_id limit 1
       ) as next
       where o.place < $3
     )
     select org_id from orgs`,
    [after ?? '', ALL_ORGS, limit],
  );
  return rows.map(({ org_id }) => org_id);
}

async function lastEvents(database: Database, orgIds: readonly string[]): Promise<Map<string, Date>> {
  const { rows } = await queryWithWaitingWork(database, ALL_ORGS, (waitingFor) => {
    const values: unknown[] = [orgIds];
    const waiting = waitingFor((value) => `$${values.push(value)}`);
    return database.query<{ org_id: string; last: Date }>(
      `select org_id, max(last_event_at) as last
       from (
         select org_id, last_event_at from analytics.freshness_status where org_id = any($1::text[])
         union all
         select r.org_id, r.last_event_at from analytics.rollups_${finestGrain.name} r
         where r.fold_id = any(array(select f.fold_id from (${waiting.folds(finestGrain)}) as f))
           and r.org_id = any($1::text[])
       ) as seen
       group by 1`,
      values,
    );
  });
  return new Map(rows.map(({ org_id, last }) => [org_id, last]));
}
