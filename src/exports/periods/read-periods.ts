import type { Queryable } from '../../database/pool.ts';
import type { Proof } from '../datasets/closed-month.ts';
import type { ExportRequest } from '../request.ts';
import type { MonthlyDataset } from './schedule.ts';

/** A revision of a closed month. */
export interface ClosedPeriod {
  dataset: MonthlyDataset;
  /** Its first moment. */
  period: Date;
  revision: number;
  scheduleId: string;
  request: ExportRequest;
  closedAt: Date;
  closedBy: string;
  note: string | null;
  deliveredAt: Date | null;
  jobId: string | null;
  proof: Proof;
}

interface PeriodRow {
  dataset: MonthlyDataset;
  period: Date;
  revision: number;
  schedule_id: string;
  request: ExportRequest;
  closed_at: Date;
  closed_by: string;
  note: string | null;
  delivered_at: Date | null;
  job_id: string | null;
  proof: Proof;
}

/** The closed months of an org, the newest first, with their last revision first. */
export async function listPeriods(
  database: Queryable,
  wanted: { orgId: string; dataset?: string | undefined; month?: number | undefined; limit: number },
): Promise<ClosedPeriod[]> {
  const { rows } = await database.query<PeriodRow>(
    `select dataset, period, revision, schedule_id, request, closed_at, closed_by, note, delivered_at, job_id, proof
     from analytics.closed_periods
     where org_id = $1 and ($2::text is null or dataset = $2) and ($3::timestamptz is null or period = $3)
     order by period desc, dataset, revision desc limit $4`,
    [
      wanted.orgId,
      wanted.dataset ?? null,
      wanted.month === undefined ? null : new Date(wanted.month),
      wanted.limit,
    ],
  );
  return rows.map(({ schedule_id, closed_at, closed_by, delivered_at, job_id, ...row }) => ({
    ...row,
    scheduleId: schedule_id,
    closedAt: closed_at,
    closedBy: closed_by,
    deliveredAt: delivered_at,
    jobId: job_id,
  }));
}

/** A row that corrected a month in the file of a later one. */
export interface Correction extends PendingCorrection {
  deliveredIn: Date;
  revision: number;
}

/** A row that corrects a month. */
export interface PendingCorrection {
  start: Date;
  end: Date;
  type: string;
  modelId: string | null;
  clientId: string | null;
  provider: string | null;
  pipeline: string | null;
  reason: 'late_events' | 'repricing';
  events: string;
  cost: string;
}

/** The columns of a `PendingCorrection`. */
export const CORRECTION_COLUMNS = `bucket_start as start, bucket_end as "end", type, model_id as "modelId",
  client_id as "clientId", provider, pipeline, reason, events::text as events, cost::text as cost`;

/** The corrections of a month that were delivered, in the order of their files. */
export async function listCorrections(
  database: Queryable,
  { orgId, dataset, month, limit }: { orgId: string; dataset: string; month: number; limit: number },
): Promise<Correction[]> {
  const { rows } = await database.query<Correction>(
    `select period as "deliveredIn", revision, ${CORRECTION_COLUMNS}
     from analytics.delivered_charges
     where org_id = $1 and dataset = $2 and corrects = $3 and not superseded
       and bucket_start >= $3 and bucket_start < $3 + interval '1 month'
     order by period, bucket_start, type, model_id, client_id, provider, pipeline limit $4`,
    [orgId, dataset, new Date(month), limit],
  );
  return rows;
}
