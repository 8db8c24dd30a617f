import type { Pool, PoolClient } from 'pg';
import { citusState } from '../../database/extensions/citus.ts';
import { withTransaction } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { catalogue } from '../../events/catalogue.ts';
import { bucketEnd, bucketStart, coarserThan, type Grain, grainNamed } from '../grains.ts';
import { shortestKept } from '../org-removals.ts';
import { readAllAsOne } from '../remake/remake.ts';
import { listEventDays } from '../upkeep/event-days.ts';
import { compared, comparedGrains, reconcileSql } from './differences-sql.ts';
import type { Drift } from './drift.ts';
import { reconcileShop } from './shop.ts';

export interface Reconciliation {
  /** The compared range, in whole hours. Outside it, raw events or rollups may have been removed. */
  from: Date;
  to: Date;
  /** The number of compared rows of raw events. */
  rows: number;
  drifts: Drift[];
}

interface Range {
  from: number;
  to: number;
}

interface ComparedBucket {
  level: Grain['name'];
  org_id: string;
  type: string;
  bucket: Date;
  rows: number;
  drifts: boolean;
  /** In the order of `compared`. */
  raw: (string | null)[];
  rolled_up: (string | null)[];
}

/** The days that have raw events, and the time before which some of these may have been removed. */
interface KeptRange extends Range {
  removedBefore: number;
}

const hour = grainNamed('hour');

/**
 * Compares rollups with raw events by org and type, in one snapshot: every hour, and the days and weeks that are whole.
 * On Citus nothing is rolled up or removed meanwhile. All orgs together count as one more org. Batches that wait for their
 * roll-up are left out on both sides.
 *
 * The range is widened to whole hours, and cut to the time for which nothing has been removed. A day or week is reported
 * only when it is wrong by itself, and not when a reported hour or day of it explains the difference.
 */
export async function reconcile(pool: Pool, asked: { from?: Date; to?: Date } = {}): Promise<Reconciliation> {
  const state = await citusState(pool);
  return withTransaction(pool, async (client) => {
    const upTo = await readAllAsOne(client, state);
    const kept = await keptRange(client);
    const hours = hoursOf(asked, kept);
    const [from, to] = [new Date(hours.from), new Date(hours.to)];
    if (from >= to) return { from, to, rows: 0, drifts: [] };
    const ranges = comparedGrains.flatMap((grain) => {
      const range = wholeBuckets(grain, hours, kept);
      return [new Date(range.from), new Date(range.to)];
    });
    const { rows } = await client.query<ComparedBucket>(
      reconcileSql({ upTo, removedOfOrgs: (await shortestKept(client)) !== undefined }),
      ranges,
    );
    const drifts = rows.filter((row) => row.drifts).map(driftOf);
    return {
      from,
      to,
      rows: rowsOf(rows),
      drifts: [...ownDrifts(drifts), ...(await reconcileShop(client, { from, to }, upTo))],
    };
  });
}

/** Counts raw rows once: without the sums over all orgs and without coarser grains. */
function rowsOf(buckets: readonly ComparedBucket[]): number {
  return buckets
    .filter(({ level, org_id, type }) => level === hour.name && org_id !== ALL_ORGS && !isDerived(type))
    .reduce((sum, { rows }) => sum + rows, 0);
}

function isDerived(type: string): boolean {
  return catalogue.some((each) => each.derived && each.type === type);
}

/** Goes by the days that raw events are stored in, since a search for the first and last event would read them all. */
async function keptRange(client: PoolClient): Promise<KeptRange> {
  const days = await listEventDays(client);
  const { rows } = await client.query<{ removed_before: Date | null }>(
    `select max(removed_before) as removed_before from analytics.removals where what in ('events', $1)`,
    [hour.name],
  );
  return {
    from: days[0]?.from.getTime() ?? 0,
    to: days.at(-1)?.to.getTime() ?? 0,
    removedBefore: rows[0]?.removed_before?.getTime() ?? 0,
  };
}

function hoursOf(asked: { from?: Date; to?: Date }, kept: KeptRange): Range {
  const there = wholeBuckets(hour, kept, kept);
  return {
    from: Math.max(there.from, asked.from ? bucketStart(hour, asked.from.getTime()) : there.from),
    to: Math.min(there.to, asked.to ? bucketEnd(hour, asked.to.getTime()) : there.to),
  };
}

/** The buckets whose events are all in the range. Before the first day and after the last there are no events. */
function wholeBuckets(grain: Grain, range: Range, kept: KeptRange): Range {
  const from = range.from <= kept.from ? bucketStart(grain, range.from) : bucketEnd(grain, range.from);
  const to = range.to >= kept.to ? bucketEnd(grain, range.to) : bucketStart(grain, range.to);
  return { from: Math.max(from, bucketEnd(grain, kept.removedBefore)), to };
}

/** The drifts that no drift of a finer grain explains. */
function ownDrifts(drifts: readonly Drift[]): Drift[] {
  const keyOf = ({ orgId, type }: Drift, grain: Grain['name'], start: number) =>
    JSON.stringify([orgId, type, grain, start]);
  const explained = new Set(
    drifts.flatMap((drift) =>
      coarserThan(grainNamed(drift.grain)).map((coarser) =>
        keyOf(drift, coarser.name, bucketStart(coarser, drift.bucketStart.getTime())),
      ),
    ),
  );
  return drifts.filter((drift) => !explained.has(keyOf(drift, drift.grain, drift.bucketStart.getTime())));
}

function driftOf({ level, org_id, type, bucket, raw, rolled_up }: ComparedBucket): Drift {
  const differences = compared.flatMap((what, index) => {
    const [ours, theirs] = [raw[index] ?? '-', rolled_up[index] ?? '-'];
    return ours === theirs ? [] : [{ what, raw: ours, rolledUp: theirs }];
  });
  return { orgId: org_id, type, grain: level, bucketStart: bucket, differences };
}
