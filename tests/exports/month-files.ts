import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Caller } from '../../src/auth/caller.ts';
import { putSchedule } from '../../src/exports/periods/change-schedules.ts';
import { type CloseResult, closeDue } from '../../src/exports/periods/close-due.ts';
import { readMonth } from '../../src/exports/periods/month.ts';
import type { MonthlyDataset } from '../../src/exports/periods/schedule.ts';
import type { ExportGranularity } from '../../src/exports/request.ts';
import { DAY } from '../../src/time.ts';
import { exportRequest, type ReadDataset, readDataset } from './read-dataset.ts';

/** The tables that closing months reads and writes, which these tests empty. */
export const tablesOfMonths: readonly string[] = [
  ...['events', 'event_keys', 'event_keys_previous', 'ingestion_batches', 'rollups', 'folds', 'removals'],
  ...['daily_books', 'booked_days', 'export_schedules', 'closed_periods', 'delivered_charges', 'prices'],
].map((table) => `analytics.${table}`);

export const person: Caller = {
  actor: { id: 'ada', roles: ['finance'], orgs: ['acme'], via: 'jwt' },
  route: 'test',
  requestId: randomUUID(),
};

function month(text: string): number {
  const read = readMonth(text);
  if (read === undefined) throw new Error(`${text} is no month`);
  return read;
}

interface Scheduled {
  dataset?: MonthlyDataset;
  granularity?: ExportGranularity;
  from?: string;
  models?: string[];
  orgId?: string;
}

/** Makes a schedule that closes months three days after their end. */
export function schedule(pool: Pool, now: number, wanted: Scheduled = {}) {
  const { dataset = 'focus', granularity = 'daily', from, models = [], orgId = 'acme' } = wanted;
  const request = exportRequest({
    ...{ orgId, dataset, granularity, models, raw: true, groupBy: ['model', 'client'] },
    range: { start: 0, end: 1 },
  });
  return putSchedule(
    { pool, clock: { now: () => now } },
    {
      ...{ notify: [], orgId, name: `monthly ${dataset}`, dataset, request, closeAfter: 3 * DAY },
      from: from === undefined ? undefined : month(from),
    },
    person,
  );
}

/** Closes every month that is due. */
export async function closeAll(pool: Pool, now: number): Promise<CloseResult[]> {
  const results: CloseResult[] = [];
  for (;;) {
    const result = await closeDue({ pool, now, issuer: 'Example Ltd' });
    if (result.result === 'nothing') return results;
    results.push(result);
    if (result.result === 'failed') return results;
  }
}

/** The file of a closed month, as its job writes it. */
export function monthFile(
  pool: Pool,
  text: string,
  { revision = 1, dataset = 'focus', granularity = 'daily' as ExportGranularity } = {},
): Promise<ReadDataset> {
  const request = exportRequest({
    ...{ dataset: dataset as MonthlyDataset, granularity, raw: true, groupBy: ['model', 'client'] },
    ...{ range: { start: 0, end: 1 }, closed: { month: month(text), revision } },
  });
  return readDataset(pool, request, Date.UTC(2030, 0, 1));
}
