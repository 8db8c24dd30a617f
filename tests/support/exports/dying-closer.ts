/** Closes the month that is due, and kills itself when everything is written and nothing is committed. */
import { createPool } from '../../../src/database/pool.ts';
import { withClosing } from '../../../src/exports/periods/close-due.ts';
import { closeMonth } from '../../../src/exports/periods/close-month.ts';
import type { ExportRequest } from '../../../src/exports/request.ts';

const [, , url = '', now = ''] = process.argv;
const pool = createPool({
  ...{
    connectionString: url,
    max: 3,
    applicationName: 'dying closer',
    statementTimeoutMs: 0,
    onError: () => {},
  },
});
const { rows } = await pool.query<{ schedule_id: string; request: ExportRequest; next_period: Date }>(
  'select schedule_id, request, next_period from analytics.export_schedules',
);
const [schedule] = rows;
if (!schedule) throw new Error('there is no schedule');
await withClosing(pool, async (client) => {
  await closeMonth(client, {
    ...{ request: schedule.request, month: schedule.next_period.getTime(), now: Number(now), issuer: 'x' },
    ...{ scheduleId: schedule.schedule_id, dueAt: Number(now), closedBy: 'nobody', note: null },
  });
  process.kill(process.pid, 'SIGKILL');
});
