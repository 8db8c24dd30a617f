import type { PoolClient } from 'pg';
import { type Charge, type ChargeRow, chargeNumbers, chargeOf } from '../charges/charge.ts';
import { type ChargeColumns, reconciliationOf, totalsOf } from '../charges/reconcile-charges.ts';
import type { OpenDataset } from '../dataset.ts';
import type { ClosedMonth, ExportRequest } from '../request.ts';
import type { Cells } from '../writing/columns.ts';
import type { ExportColumn } from '../writing/totals.ts';
import { readCursor } from './read-cursor.ts';

type Numbers = Record<(typeof chargeNumbers)[number], string>;

/** What a closed month was compared with. Whole numbers as text. */
export interface Proof {
  /** Every event that was acknowledged before this time is in the month, unless it came later; ISO. */
  completeTo: string;
  /** Of all rows of its file, corrections of other months included. */
  rows: Numbers;
  rowCount: number;
  corrections: number;
  /** Of the month itself. All of them are equal. */
  month: { told: Numbers; rollups: Numbers; raw: Numbers | null; bookedDays: string[] };
}

/** How a dataset shows the rows of a closed month. */
export interface ClosedMonthShape {
  columns: readonly ExportColumn[];
  compared: ChargeColumns;
  /** The dimensions that rows are told apart by, in the order of the file. */
  dimensions: readonly ('model_id' | 'client_id' | 'provider' | 'pipeline')[];
  cellsOf(charge: Charge, context: { issuer: string; month: Date }): Cells;
}

/** Opens the rows that were kept when a month was closed. They are the same each time. */
export async function openClosedMonth(
  client: PoolClient,
  { orgId, dataset }: ExportRequest,
  { month, revision }: ClosedMonth,
  shape: ClosedMonthShape,
): Promise<OpenDataset> {
  const period = new Date(month);
  const { rows } = await client.query<{ issuer: string; closed_at: Date; proof: Proof; note: string | null }>(
    `select issuer, closed_at, proof, note from analytics.closed_periods
     where org_id = $1 and dataset = $2 and period = $3 and revision = $4`,
    [orgId, dataset, period, revision],
  );
  const [closed] = rows;
  if (!closed) throw new Error(`revision ${revision} of ${period.toISOString()} was not closed`);
  const { proof, issuer } = closed;
  return {
    columns: shape.columns,
    batches: rowsOf(client, [orgId, dataset, period, revision], shape, { issuer, month: period }),
    completeTo: proof.completeTo,
    final: true,
    manifest: {
      revision,
      closedAt: closed.closed_at.toISOString(),
      note: closed.note,
      corrections: proof.corrections,
      month: proof.month,
    },
    reconcile: async (written) => reconciliationOf(written, shape.compared, provenTotals(proof)),
  };
}

/** The sums that the file has to have. What raw events add up to is that of the month, with the corrections beside it. */
function provenTotals({ rows, month }: Proof) {
  const beside = (number: keyof Numbers) => BigInt(rows[number]) - BigInt(month.rollups[number]);
  const { raw, bookedDays } = month;
  return {
    rollups: totalsOf((number) => BigInt(rows[number])),
    raw: { bookedDays, totals: raw && totalsOf((number) => BigInt(raw[number]) + beside(number)) },
  };
}

type DeliveredRow = ChargeRow & { bucket_start: Date; bucket_end: Date; corrects: Date | null };

async function* rowsOf(
  client: PoolClient,
  values: unknown[],
  { dimensions, cellsOf }: ClosedMonthShape,
  context: { issuer: string; month: Date },
): AsyncGenerator<readonly Cells[]> {
  const keys = ['bucket_start', 'bucket_end', 'type', 'corrects', ...dimensions].join(', ');
  const sums = chargeNumbers.map((number) => `sum(${number})::text as ${number}`).join(', ');
  const text = `
    select ${keys}, ${sums} from analytics.delivered_charges
    where org_id = $1 and dataset = $2 and period = $3 and revision = $4
    group by ${keys} order by ${keys}`;
  for await (const rows of readCursor<DeliveredRow>(client, text, values)) {
    yield rows.map((row) => {
      const { bucket_start: start, bucket_end: end, corrects } = row;
      return cellsOf(chargeOf(row, { start, end, corrects }), context);
    });
  }
}
