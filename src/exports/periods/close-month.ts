import type { PoolClient } from 'pg';
import { CodedError } from '../../errors.ts';
import { MINUTE } from '../../time.ts';
import { type ChargeNumber, chargeDimensions, chargeNumbers } from '../charges/charge.ts';
import type { Statement } from '../charges/charges-sql.ts';
import { type ChargeTotals, rawTotals, rolledUpTotals, totalsOf } from '../charges/reconcile-charges.ts';
import type { Proof } from '../datasets/closed-month.ts';
import { completeTo } from '../datasets/complete-to.ts';
import { ExportFailure } from '../failure.ts';
import {
  type ClosingMonth,
  correctionsSql,
  MONTHS_CORRECTED,
  ownRowsSql,
  wantedCharges,
} from './changes-sql.ts';
import { addMonths, monthText } from './month.ts';

/** Batches that wait longer than this when a month is closed would be missing from it. */
const LONGEST_WAIT = MINUTE;

/** Who closes a month, and why, if a person does. */
export interface Closing extends ClosingMonth {
  scheduleId: string;
  issuer: string;
  dueAt: number;
  closedBy: string;
  note: string | null;
}

/**
 * Closes a month, or closes it again as its next revision: keeps its rows, and the rows that correct months before it.
 * The caller's transaction must read all as of one moment. What is kept never changes afterwards.
 * @returns the revision
 * @throws {CodedError} `unavailable` while events of the month wait for their roll-up; {ExportFailure}
 *   `does_not_reconcile`
 */
export async function closeMonth(client: PoolClient, closing: Closing): Promise<number> {
  const { request, month } = closing;
  await refuseIfBehind(client, closing);
  const periods = await closedPeriods(client, closing);
  const revision = (periods.get(month) ?? 0) + 1;
  if (revision > 1) {
    await client.query(
      `update analytics.delivered_charges set superseded = true
       where org_id = $1 and dataset = $2 and period = $3 and not superseded`,
      [request.orgId, request.dataset, new Date(month)],
    );
  }
  const told = await toldElsewhere(client, closing);
  await keepRows(client, closing, revision, await ownRowsSql(client, closing));
  const own = await keptTotals(client, closing, revision);
  const earlier = [...periods.keys()].filter(
    (each) => each < month && each >= addMonths(month, -MONTHS_CORRECTED),
  );
  if (earlier.length > 0)
    await keepRows(client, closing, revision, await correctionsSql(client, closing, earlier));
  const all = await keptTotals(client, closing, revision);
  const proof = await prove(client, closing, { own, all, told });
  await client.query(
    `insert into analytics.closed_periods
       (org_id, dataset, period, revision, schedule_id, request, issuer, due_at, closed_at, closed_by, note, proof)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      ...[request.orgId, request.dataset, new Date(month), revision, closing.scheduleId],
      ...[JSON.stringify(request), closing.issuer, new Date(closing.dueAt), new Date(closing.now)],
      ...[closing.closedBy, closing.note, JSON.stringify(proof)],
    ],
  );
  return revision;
}

async function refuseIfBehind(client: PoolClient, { request, month }: ClosingMonth): Promise<void> {
  const { rowCount } = await client.query(
    `select 1 from analytics.ingestion_batches
     where rolled_up_at is null and $1 = any(org_ids) and occurred_from < $3 and occurred_to >= $2
       and completed_at < clock_timestamp() - $4 * interval '1 ms' limit 1`,
    [request.orgId, new Date(month), new Date(addMonths(month, 1)), LONGEST_WAIT],
  );
  if (rowCount === 0) return;
  const message = `events of ${monthText(month)} wait for their roll-up; the month is closed once they are in the numbers`;
  throw new CodedError('unavailable', message, { retryAfterSeconds: 60 });
}

/** The closed months of the dataset, with their last revision. */
async function closedPeriods(client: PoolClient, { request }: ClosingMonth): Promise<Map<number, number>> {
  const { rows } = await client.query<{ period: Date; revision: number }>(
    `select period, max(revision) as revision from analytics.closed_periods
     where org_id = $1 and dataset = $2 group by period`,
    [request.orgId, request.dataset],
  );
  return new Map(rows.map(({ period, revision }) => [period.getTime(), revision]));
}

const COLUMNS = [
  'bucket_start',
  'bucket_end',
  'type',
  ...chargeDimensions,
  'corrects',
  'reason',
  ...chargeNumbers,
];

async function keepRows(
  client: PoolClient,
  { request, month }: ClosingMonth,
  revision: number,
  { text, values }: Statement,
): Promise<void> {
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const dataset = `${parameter(request.dataset)}::text`;
  const period = `${parameter(new Date(month))}::timestamptz`;
  await client.query(
    `insert into analytics.delivered_charges (org_id, dataset, period, revision, ${COLUMNS.join(', ')})
     select $1, ${dataset}, ${period}, ${parameter(revision)}::integer, ${COLUMNS.join(', ')} from (${text}) as changes`,
    values,
  );
}

interface KeptTotals {
  rows: number;
  totals: ChargeTotals;
}

const SUMS = chargeNumbers.map((number) => `coalesce(sum(${number}), 0)::text as ${number}`).join(', ');

async function keptTotals(
  client: PoolClient,
  { request, month }: ClosingMonth,
  revision: number,
): Promise<KeptTotals> {
  return readTotals(client, `period = $3 and revision = ${revision}`, [
    request.orgId,
    request.dataset,
    new Date(month),
  ]);
}

/** What files of other months have told of this one. */
function toldElsewhere(client: PoolClient, { request, month }: ClosingMonth): Promise<KeptTotals> {
  return readTotals(client, 'not superseded and period <> $3 and bucket_start >= $3 and bucket_start < $4', [
    ...[request.orgId, request.dataset, new Date(month), new Date(addMonths(month, 1))],
  ]);
}

async function readTotals(client: PoolClient, condition: string, values: unknown[]): Promise<KeptTotals> {
  const { rows } = await client.query<Record<ChargeNumber, string> & { rows: number }>(
    `select count(*) as rows, ${SUMS} from analytics.delivered_charges
     where org_id = $1 and dataset = $2 and ${condition}`,
    values,
  );
  const [row] = rows;
  if (!row) throw new Error('a sum returned no row');
  return { rows: row.rows, totals: totalsOf((number) => BigInt(row[number])) };
}

/** @throws {ExportFailure} `does_not_reconcile` */
async function prove(
  client: PoolClient,
  closing: ClosingMonth,
  { own, all, told }: { own: KeptTotals; all: KeptTotals; told: KeptTotals },
): Promise<Proof> {
  const { month } = closing;
  const wanted = wantedCharges(closing, { start: month, end: addMonths(month, 1) });
  const rollups = await rolledUpTotals(client, wanted);
  const raw = await rawTotals(client, wanted);
  const toldNow = totalsOf((number) => own.totals[number] + told.totals[number]);
  const proof: Proof = {
    completeTo: await completeTo(client, wanted.orgId),
    rows: textOf(all.totals),
    rowCount: all.rows,
    corrections: all.rows - own.rows,
    month: {
      told: textOf(toldNow),
      rollups: textOf(rollups),
      raw: raw.totals && textOf(raw.totals),
      bookedDays: raw.bookedDays,
    },
  };
  const differs = chargeNumbers.some(
    (number) =>
      toldNow[number] !== rollups[number] || (raw.totals !== null && raw.totals[number] !== rollups[number]),
  );
  if (!differs) return proof;
  const message = `${monthText(month)} does not reconcile and stays open: ${JSON.stringify(proof.month)}`;
  throw new ExportFailure('does_not_reconcile', message, { retryable: false });
}

function textOf(totals: ChargeTotals): Record<ChargeNumber, string> {
  return Object.fromEntries(chargeNumbers.map((number) => [number, String(totals[number])])) as Record<
    ChargeNumber,
    string
  >;
}
