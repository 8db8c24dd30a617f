import { COST_UNITS_PER_CENT } from '../../events/field.ts';
import type { RowsAsked } from '../reading/ask-compared.ts';
import { type Compared, compared } from '../reading/comparison.ts';

const statuses = ['completed', 'refunded', 'cancelled'] as const;
type OrderStatus = (typeof statuses)[number];

/** What rollups of orders, or of their lines, say by currency and status. */
export interface OrderRow {
  currency: string;
  status: OrderStatus;
  count: number;
  units: number;
  /** Ten-thousandths of a cent. */
  amount: number;
}

/** How to ask for them; with further dimensions where wanted. */
export function orderRowsOf(type: 'order' | 'order_line', groupBy: RowsAsked['groupBy'] = []): RowsAsked {
  return {
    type,
    filters: {},
    groupBy: ['currency', 'status', ...groupBy],
    columns: ['count', 'quantity', 'value_sum'],
    // As numbers of JSON: exact up to 2^53, the nearest one beyond.
    select: `sum(r.count)::float8 as count, coalesce(sum(r.quantity), 0)::float8 as units,
    coalesce(sum(r.value_sum), 0)::float8 as amount`,
  };
}

type ByStatus = Record<OrderStatus, { count: number; units: number; amount: number }>;

/** Rows of orders added up, each currency by itself. */
export type OrderTally = ReadonlyMap<string, ByStatus>;

export function tallyOrders(rows: Iterable<OrderRow>): OrderTally {
  const tally = new Map<string, ByStatus>();
  for (const { currency, status, count, units, amount } of rows) {
    const ofCurrency = tally.get(currency) ?? noneByStatus();
    tally.set(currency, ofCurrency);
    ofCurrency[status].count += count;
    ofCurrency[status].units += units;
    ofCurrency[status].amount += amount;
  }
  return tally;
}

function noneByStatus(): ByStatus {
  return {
    completed: { count: 0, units: 0, amount: 0 },
    refunded: { count: 0, units: 0, amount: 0 },
    cancelled: { count: 0, units: 0, amount: 0 },
  };
}

/** How many orders there were (or lines, of a tally of lines) and units in them, whatever the currency. */
export interface OrderCounts {
  completed: number;
  refunded: number;
  cancelled: number;
  unitsSold: number;
  unitsReturned: number;
}

export function countsOf(tally: OrderTally): OrderCounts {
  const counts = { completed: 0, refunded: 0, cancelled: 0, unitsSold: 0, unitsReturned: 0 };
  for (const { completed, refunded, cancelled } of tally.values()) {
    counts.completed += completed.count;
    counts.refunded += refunded.count;
    counts.cancelled += cancelled.count;
    counts.unitsSold += completed.units;
    counts.unitsReturned += refunded.units + cancelled.units;
  }
  return counts;
}

/** Money of one currency, in cents. */
export interface Takings {
  /** What came in less what was taken back: gross − refunds − cancellations. */
  revenueCents: number;
  /** Of completed orders. */
  grossCents: number;
  /** Taken back in the range, whenever the order was. */
  refundsCents: number;
  cancellationsCents: number;
}

function takingsOf(byStatus: ByStatus | undefined): Takings {
  const { completed, refunded, cancelled } = byStatus ?? noneByStatus();
  return {
    revenueCents: inCents(completed.amount - refunded.amount - cancelled.amount),
    grossCents: inCents(completed.amount),
    refundsCents: inCents(refunded.amount),
    cancellationsCents: inCents(cancelled.amount),
  };
}

function inCents(amount: number): number {
  return amount / COST_UNITS_PER_CENT;
}

/** Gross revenue by completed order of the currency; `null` without one. What is taken back later is no smaller order. */
function averageOrderOf(byStatus: ByStatus | undefined): number | null {
  return byStatus && byStatus.completed.count > 0
    ? Math.round(byStatus.completed.amount / byStatus.completed.count) / COST_UNITS_PER_CENT
    : null;
}

/** Currencies in the order in which answers have them: the one of most events first, then by code. */
export function currenciesOf(...tallies: readonly (OrderTally | undefined)[]): string[] {
  const volume = new Map<string, number>();
  for (const tally of tallies)
    for (const [currency, byStatus] of tally ?? []) {
      const count = statuses.reduce((sum, status) => sum + byStatus[status].count, 0);
      volume.set(currency, (volume.get(currency) ?? 0) + count);
    }
  return [...volume].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([currency]) => currency);
}

/** The money of each currency by itself: amounts of different ones are never added up. */
export function takingsByCurrency(tally: OrderTally): ({ currency: string } & Takings)[] {
  return currenciesOf(tally).map((currency) => ({ currency, ...takingsOf(tally.get(currency)) }));
}

/** Each number beside that of the time compared with; `before` is undefined without one. */
export function comparedEach<T extends object>(
  value: T,
  before: { [Name in keyof T]: number | null } | undefined,
): { [Name in keyof T]: Compared } {
  return Object.fromEntries(
    Object.entries(value).map(([name, number]) => [
      name,
      compared(number, before?.[name as keyof T] ?? null),
    ]),
  ) as { [Name in keyof T]: Compared };
}

export type ComparedTakings = { currency: string } & { [Name in keyof Takings]: Compared };

/** The same beside that of the time compared with, for every currency of either. */
export function comparedTakings(tally: OrderTally, before: OrderTally | undefined): ComparedTakings[] {
  return currenciesOf(tally, before).map((currency) => ({
    currency,
    ...comparedEach(takingsOf(tally.get(currency)), before && takingsOf(before.get(currency))),
  }));
}

/** Average order value by currency, beside that of the time compared with. */
export function comparedAverage(
  currency: string,
  tally: OrderTally,
  before: OrderTally | undefined,
): Compared {
  return compared(averageOrderOf(tally.get(currency)), averageOrderOf(before?.get(currency)));
}

/**
 * Which of two earned more: by the currencies in their order, the first in which they differ says.
 * For sorting, most first.
 */
export function byRevenue(currencies: readonly string[]) {
  return (a: OrderTally, b: OrderTally): number => {
    for (const currency of currencies) {
      const difference = takingsOf(b.get(currency)).revenueCents - takingsOf(a.get(currency)).revenueCents;
      if (difference !== 0) return difference;
    }
    return 0;
  };
}
