import type { Pool } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import { beginSnapshot } from '../../rollups/snapshot.ts';
import type { ExportRequest } from '../request.ts';
import { correctionsSql, MONTHS_CORRECTED } from './changes-sql.ts';
import { addMonths } from './month.ts';
import { CORRECTION_COLUMNS, type PendingCorrection } from './read-periods.ts';

interface MonthToCorrect {
  orgId: string;
  dataset: string;
  /** The first moment of a closed month; milliseconds. */
  month: number;
  limit: number;
}

/**
 * What the file of the next month would tell of a closed month if it were closed now: late events and new prices that
 * no file has told of yet. Nothing for a month that is too long ago to be corrected.
 * @param now milliseconds since the epoch
 */
export function pendingCorrections(
  pool: Pool,
  { orgId, dataset, month, limit }: MonthToCorrect,
  now: number,
): Promise<PendingCorrection[]> {
  return withTransaction(pool, async (client) => {
    await beginSnapshot(client, 'read only');
    const { rows: closed } = await client.query<{ last: Date; request: ExportRequest }>(
      `select period as last, request from analytics.closed_periods
       where org_id = $1 and dataset = $2 order by period desc, revision desc limit 1`,
      [orgId, dataset],
    );
    const [last] = closed;
    if (!last) return [];
    const next = addMonths(last.last.getTime(), 1);
    if (month < addMonths(next, -MONTHS_CORRECTED)) return [];
    const closing = { request: last.request, month: next, now };
    const { text, values } = await correctionsSql(client, closing, [month]);
    const { rows } = await client.query<PendingCorrection>(
      `select ${CORRECTION_COLUMNS} from (${text}) as changes
       order by bucket_start, type, model_id, client_id, provider, pipeline limit $${values.length + 1}`,
      [...values, limit],
    );
    return rows;
  });
}
