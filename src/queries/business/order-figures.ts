import { AMOUNT_UNITS_PER_CENT } from '../../events/field.ts';
import { minorUnitDecimals } from '../../events/types/currency.ts';
import { type Compared, compared } from '../reading/comparison.ts';
import type { RollupSelection } from '../reading/query-compared.ts';

const statuses = ['completed', 'refunded', 'cancelled'] as const;
/** `over_refunded` is no status of an order: it is what was given back beyond what was paid. */
type OrderStatus = (typeof statuses)[number] | 'over_refunded';

/** A row of the rollups of orders, or of order lines, by currency and status. */
export interface OrderRow {
  currency: string;
  status: OrderStatus;
  count: number;
  units: number;
  /** Ten-thousandths of a cent. */
  amount: number;
}

/** Selects the rows of orders or order lines, with further dimensions if wanted. */
export function orderSelection(
  type: 'order' | 'order_line',
  groupBy: RollupSelection['groupBy'] = [],
): RollupSelection {
  return {
    type,
    filters: {},
    groupBy: ['currency', 'status', ...groupBy],
    columns: ['count', 'quantity', 'value_sum'],
    // As numbers of JSON: exact up to 2^53, and the nearest number beyond.
    select: `sum(r.count)::float8 as count, coalesce(sum(r.quantity), 0)::float8 as units,
    coalesce(sum(r.value_sum), 0)::float8 as amount`,
  };
}

type ByStatus = Record<OrderStatus, { count: number; units: number; amount: number }>;

/** Order rows added up, for each currency by itself. */
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
    over_refunded: { count: 0, units: 0, amount: 0 },
  };
}

/** Counts of orders (or of lines, for a tally of lines) and of their units, over all currencies. */
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

/** The number of refunds and cancellations that gave back more than was left of their order. */
export function overRefundsOf(tally: OrderTally): number {
  return [...tally.values()].reduce((sum, { over_refunded }) => sum + over_refunded.count, 0);
}

/** The revenue in one currency, in its minor unit. */
export interface Revenue {
  /** Gross less refunds and cancellations, without what they give back beyond what was paid. */
  revenueCents: number;
  /** Of completed orders. */
  grossCents: number;
  /** Refunded in the range, whenever the order was. */
  refundsCents: number;
  cancellationsCents: number;
  /** Given back by refunds and cancellations beyond what was paid for their orders. */
  overRefundedCents: number;
}

/** A currency, and the decimals of its minor unit, which amounts are in. */
interface ShownCurrency {
  currency: string;
  minorUnitDecimals: number;
}

function shown(currency: string): ShownCurrency {
  return { currency, minorUnitDecimals: minorUnitDecimals(currency) };
}

function revenueOf(byStatus: ByStatus | undefined): Revenue {
  const { completed, refunded, cancelled, over_refunded } = byStatus ?? noneByStatus();
  return {
    revenueCents: inCents(completed.amount - refunded.amount - cancelled.amount + over_refunded.amount),
    grossCents: inCents(completed.amount),
    refundsCents: inCents(refunded.amount),
    cancellationsCents: inCents(cancelled.amount),
    overRefundedCents: inCents(over_refunded.amount),
  };
}

function inCents(amount: number): number {
  return amount / AMOUNT_UNITS_PER_CENT;
}

/** Gross revenue per completed order of a currency; `null` without one. A later refund does not make an order smaller. */
function averageOrderOf(byStatus: ByStatus | undefined): number | null {
  return byStatus && byStatus.completed.count > 0
    ? Math.round(byStatus.completed.amount / byStatus.completed.count) / AMOUNT_UNITS_PER_CENT
    : null;
}

/** Currencies in the order of answers: the one with most events first, then by code. */
export function currenciesOf(...tallies: readonly (OrderTally | undefined)[]): string[] {
  const volume = new Map<string, number>();
  for (const tally of tallies)
    for (const [currency, byStatus] of tally ?? []) {
      const count = statuses.reduce((sum, status) => sum + byStatus[status].count, 0);
      volume.set(currency, (volume.get(currency) ?? 0) + count);
    }
  return [...volume].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([currency]) => currency);
}

/** The revenue of each currency by itself: amounts of different currencies are never added up. */
export function revenueByCurrency(tally: OrderTally): (ShownCurrency & Revenue)[] {
  return currenciesOf(tally).map((currency) => ({ ...shown(currency), ...revenueOf(tally.get(currency)) }));
}

/** Each number with that of the range compared with; `before` is undefined without a comparison. */
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

export type ComparedRevenue = ShownCurrency & { [Name in keyof Revenue]: Compared };

/** The revenue in each currency of either range, compared. */
export function comparedRevenue(tally: OrderTally, before: OrderTally | undefined): ComparedRevenue[] {
  return currenciesOf(tally, before).map((currency) => ({
    ...shown(currency),
    ...comparedEach(revenueOf(tally.get(currency)), before && revenueOf(before.get(currency))),
  }));
}

/** The average order value of a currency, compared. */
export function comparedAverage(
  currency: string,
  tally: OrderTally,
  before: OrderTally | undefined,
): Compared {
  return compared(averageOrderOf(tally.get(currency)), averageOrderOf(before?.get(currency)));
}

/** Orders tallies by revenue, most first: by the first of the currencies in which they differ. */
export function byRevenue(currencies: readonly string[]) {
  return (a: OrderTally, b: OrderTally): number => {
    for (const currency of currencies) {
      const difference = revenueOf(b.get(currency)).revenueCents - revenueOf(a.get(currency)).revenueCents;
      if (difference !== 0) return difference;
    }
    return 0;
  };
}
