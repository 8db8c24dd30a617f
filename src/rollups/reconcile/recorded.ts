import type { Pool } from 'pg';
import type { Queryable } from '../../database/pool.ts';
import { type Clock, DAY, SECOND } from '../../time.ts';
import type { Grain } from '../grains.ts';
import { reconcileBooks } from './books.ts';
import type { Drift } from './drift.ts';
import { type Reconciliation, reconcile } from './reconcile.ts';

/** What started a reconciliation: the daily job, or `tidemark reconcile`. */
export type ReconciliationStart = 'schedule' | 'command';

/** Buckets of a type that differ, over all orgs. */
export interface DriftCount {
  type: string;
  grain: Grain['name'];
  count: number;
}

/** A reconciliation that was recorded. It names no org, so that it outlives the deletion of one. */
export interface RecordedReconciliation {
  endedAt: Date;
  seconds: number;
  startedBy: ReconciliationStart;
  from: Date;
  to: Date;
  rowsCompared: number;
  bookedDays: number;
  drifts: DriftCount[];
}

/** Days that the daily job compares: yesterday and what is new since, with late events of the day before. */
const SCHEDULED_DAYS = 2;
/** The reconciliations that are kept. */
const KEPT = 100;

interface RecordOptions {
  pool: Pool;
  clock: Clock;
  startedBy: ReconciliationStart;
}

/** Compares rollups with raw events, and with the books of removed days, and records what came of it. */
export async function reconcileRecorded(
  { pool, clock, startedBy }: RecordOptions,
  range: { from?: Date; to?: Date },
): Promise<Reconciliation & { bookedDays: number }> {
  const startedAt = clock.now();
  const raw = await reconcile(pool, range);
  const books = await reconcileBooks(pool, range);
  const result = { ...raw, drifts: [...raw.drifts, ...books.drifts], bookedDays: books.days };
  const endedAt = clock.now();
  await pool.query(
    `insert into analytics.reconciliations
       (ended_at, seconds, started_by, range_from, range_to, rows_compared, booked_days, drifts)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[new Date(endedAt), (endedAt - startedAt) / SECOND, startedBy, result.from, result.to],
      ...[result.rows, result.bookedDays, JSON.stringify(countsOf(result.drifts))],
    ],
  );
  await pool.query(
    `delete from analytics.reconciliations where reconciliation_id <=
       (select max(reconciliation_id) - ${KEPT} from analytics.reconciliations)`,
  );
  return result;
}

/** Compares the last days. A whole comparison reads every raw event, which is for `tidemark reconcile`. */
export async function reconcileLastDays(options: Omit<RecordOptions, 'startedBy'>): Promise<Reconciliation> {
  const from = new Date(options.clock.now() - SCHEDULED_DAYS * DAY);
  return reconcileRecorded({ ...options, startedBy: 'schedule' }, { from });
}

function countsOf(drifts: readonly Drift[]): DriftCount[] {
  const byKind = Map.groupBy(drifts, ({ type, grain }) => `${type} ${grain}`);
  return [...byKind.values()].flatMap((some) =>
    some.slice(0, 1).map(({ type, grain }) => ({ type, grain, count: some.length })),
  );
}

/** The latest reconciliation; `undefined` if there was none. */
export async function lastReconciliation(database: Queryable): Promise<RecordedReconciliation | undefined> {
  const { rows } = await database.query<RecordedReconciliation>(
    `select ended_at as "endedAt", seconds, started_by as "startedBy", range_from as "from", range_to as "to",
       rows_compared::float8 as "rowsCompared", booked_days as "bookedDays", drifts
     from analytics.reconciliations order by reconciliation_id desc limit 1`,
  );
  return rows[0];
}
