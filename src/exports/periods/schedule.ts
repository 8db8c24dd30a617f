import type { Queryable } from '../../database/pool.ts';
import type { ChannelName } from '../../notifications/notice/notice.ts';
import type { DatasetName, ExportRequest } from '../request.ts';

/** The datasets whose months can be closed. */
export const monthlyDatasets = ['usage', 'focus'] as const satisfies readonly DatasetName[];
export type MonthlyDataset = (typeof monthlyDatasets)[number];

/** Whom a schedule tells. Without `to`, the notification preferences decide; inside the product, everybody is told. */
export interface ScheduleChannel {
  channel: ChannelName;
  to?: string;
}

/** What an org wants to be exported each month. Times are milliseconds. */
export interface ExportSchedule {
  scheduleId: string;
  orgId: string;
  name: string;
  dataset: MonthlyDataset;
  /** As an export asks for it. Its range says nothing. */
  request: ExportRequest;
  /** Milliseconds from the end of a month until it is closed. */
  closeAfter: number;
  notify: readonly ScheduleChannel[];
  /** The first moment of the month that is closed next, and when it is due. */
  nextPeriod: number;
  dueAt: number;
  createdAt: Date;
  createdBy: string;
  updatedAt: Date;
  updatedBy: string;
  /** In a row. */
  failures: number;
  failure: string | null;
}

export interface ScheduleRow {
  schedule_id: string;
  org_id: string;
  name: string;
  dataset: MonthlyDataset;
  request: ExportRequest;
  close_after_seconds: number;
  notify: ScheduleChannel[];
  next_period: Date;
  due_at: Date;
  created_at: Date;
  created_by: string;
  updated_at: Date;
  updated_by: string;
  failures: number;
  failure: string | null;
}

export function scheduleOf(row: ScheduleRow): ExportSchedule {
  return {
    scheduleId: row.schedule_id,
    orgId: row.org_id,
    name: row.name,
    dataset: row.dataset,
    request: row.request,
    closeAfter: row.close_after_seconds * 1_000,
    notify: row.notify,
    nextPeriod: row.next_period.getTime(),
    dueAt: row.due_at.getTime(),
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
    failures: row.failures,
    failure: row.failure,
  };
}

/** The schedules of an org, by name. They are few: one for each dataset. */
export async function listSchedules(database: Queryable, orgId: string): Promise<ExportSchedule[]> {
  const { rows } = await database.query<ScheduleRow>(
    'select * from analytics.export_schedules where org_id = $1 order by name',
    [orgId],
  );
  return rows.map(scheduleOf);
}

export async function findSchedule(
  database: Queryable,
  orgId: string,
  name: string,
): Promise<ExportSchedule | undefined> {
  return (await listSchedules(database, orgId)).find((schedule) => schedule.name === name);
}
