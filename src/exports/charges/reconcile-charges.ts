import type { PoolClient } from 'pg';
import type { BookedColumn } from '../../rollups/books/measures.ts';
import { compareDays } from '../../rollups/reconcile/days.ts';
import { DAY } from '../../time.ts';
import type { Reconciliation } from '../writing/manifest.ts';
import type { Written } from '../writing/totals.ts';
import type { ChargeNumber, ChargeType } from './charge.ts';
import { type ChargesWanted, chargeTotalsSql } from './charges-sql.ts';

/** Which number of the charges a column of a file adds up. */
export type ChargeColumns = Readonly<Record<string, ChargeNumber>>;

export type ChargeTotals = Readonly<Record<ChargeNumber, bigint>>;

/** What raw events add up to, and the days of it that only books remember. */
export interface RawTotals {
  /** Null where raw events cannot tell: parts of days, some models or labels only, or days without a book. */
  totals: ChargeTotals | null;
  bookedDays: string[];
}

/** The sums of the rollups themselves, read apart from the rows of a file. */
export async function rolledUpTotals(client: PoolClient, wanted: ChargesWanted): Promise<ChargeTotals> {
  const { text, values } = await chargeTotalsSql(client, wanted);
  const { rows } = await client.query<Record<ChargeNumber, string>>(text, values);
  const [row] = rows;
  if (!row) throw new Error('a sum returned no row');
  return totalsOf((number) => BigInt(row[number]));
}

/** The sums of raw events and books over the days of a range. */
export async function rawTotals(
  client: PoolClient,
  { orgId, types, models, labels = {}, plan: { covered } }: ChargesWanted,
): Promise<RawTotals> {
  const wholeDays = covered.start % DAY === 0 && covered.end % DAY === 0;
  if (!wholeDays || models.length > 0 || Object.keys(labels).length > 0)
    return { totals: null, bookedDays: [] };
  const range = { orgId, types, from: new Date(covered.start), to: new Date(covered.end), upTo: undefined };
  const days = await compareDays(client, range);
  const booked = new Set(days.filter(({ source }) => source === 'book').map(({ day }) => dayText(day)));
  const unknown = days.some(({ source }) => source === 'unknown');
  const sum = (number: BookedColumn) => days.reduce((total, { raw }) => total + raw[number], 0n);
  return { totals: unknown ? null : totalsOf(sum), bookedDays: [...booked] };
}

/** Compares the sums of a file with those of the rollups and of the raw events, for each column that has one. */
export function reconciliationOf(
  written: Written,
  columns: ChargeColumns,
  { rollups, raw }: { rollups: ChargeTotals; raw: RawTotals },
): Reconciliation {
  const named = Object.entries(columns);
  const sums = (of: (number: ChargeNumber, column: string) => bigint) =>
    Object.fromEntries(named.map(([column, number]) => [number, String(of(number, column))]));
  const file = sums((_, column) => written.totals[column] ?? 0n);
  const rolledUp = sums((number) => rollups[number]);
  const { totals } = raw;
  const ofRaw = totals === null ? null : sums((number) => totals[number]);
  const equal = (other: Record<string, string>) =>
    Object.entries(file).every(([number, sum]) => other[number] === sum);
  return {
    reconciles: equal(rolledUp) && (ofRaw === null || equal(ofRaw)),
    file,
    rollups: rolledUp,
    raw: ofRaw,
    bookedDays: raw.bookedDays,
  };
}

export function totalsOf(of: (number: ChargeNumber) => bigint): ChargeTotals {
  return {
    events: of('events'),
    failed: of('failed'),
    unpriced: of('unpriced'),
    input_tokens: of('input_tokens'),
    cached_input_tokens: of('cached_input_tokens'),
    output_tokens: of('output_tokens'),
    cost: of('cost'),
  };
}

function dayText(day: Date): string {
  return day.toISOString().slice(0, 10);
}

/** Both types of work that cost money. */
export const chargedTypes: readonly ChargeType[] = ['usage', 'ml_job'];
