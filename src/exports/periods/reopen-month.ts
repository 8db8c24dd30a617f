import type { Pool } from 'pg';
import { createAudit } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { CodedError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import type { ExportRequest } from '../request.ts';
import { MONTHS_CORRECTED } from './changes-sql.ts';
import { withClosing } from './close-due.ts';
import { closeMonth } from './close-month.ts';
import { addMonths, monthStart, monthText } from './month.ts';
import type { MonthlyDataset } from './schedule.ts';

interface Reopening {
  orgId: string;
  dataset: MonthlyDataset;
  /** Its first moment; milliseconds. */
  month: number;
  note: string;
}

/**
 * Closes a month again with its numbers as they are now, as its next revision. The earlier revision and its files stay as
 * they are. What other months' files have told of it already is left out, so nothing is told twice.
 * @returns the new revision
 * @throws {CodedError} `not_found`; `forbidden` unless a person asks; `range_not_kept`, `unavailable`; {ExportFailure}
 *   `does_not_reconcile`
 */
export function reopenMonth(
  { pool, clock, issuer }: { pool: Pool; clock: Clock; issuer: string },
  { orgId, dataset, month, note }: Reopening,
  caller: Caller,
): Promise<number> {
  if (caller.actor.via === 'api_key')
    throw new CodedError(
      'forbidden',
      'A person reopens a month, with a token of their own and not by an API key.',
    );
  return withClosing(pool, async (client) => {
    const now = clock.now();
    const { rows } = await client.query<{
      schedule_id: string;
      request: ExportRequest;
      due_at: Date;
      revision: number;
    }>(
      `select schedule_id, request, due_at, revision from analytics.closed_periods
       where org_id = $1 and dataset = $2 and period = $3 order by revision desc limit 1`,
      [orgId, dataset, new Date(month)],
    );
    const [closed] = rows;
    if (!closed) throw new CodedError('not_found', `${monthText(month)} of ${dataset} is not closed.`);
    if (month < addMonths(monthStart(now), -MONTHS_CORRECTED)) {
      const message = `${monthText(month)} is too long ago: its days are no longer kept`;
      throw new CodedError('range_not_kept', message);
    }
    const revision = await closeMonth(client, {
      ...{ request: closed.request, month, now, issuer, note },
      ...{ scheduleId: closed.schedule_id, dueAt: closed.due_at.getTime(), closedBy: caller.actor.id },
    });
    await createAudit(
      client,
      clock,
    )({
      ...{ ...caller, action: 'export_period.reopen', orgId, subject: `${dataset} ${monthText(month)}` },
      ...{ before: { revision: closed.revision }, after: { revision, note } },
    });
    return revision;
  });
}
