import type { Queryable } from '../../database/pool.ts';
import { AMOUNT_UNITS_PER_CENT } from '../../events/field.ts';
import { order } from '../../events/types/order.ts';
import type { AdminQuery } from '../reading/admin-query.ts';
import { type Compared, compared } from '../reading/comparison.ts';
import { queryCompared } from '../reading/query-compared.ts';
import { Sketch, sketchColumns, sketchesSql } from '../reading/sketch.ts';

const quantiles = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;
export const orderValueNames = ['min', 'max', 'p50', 'p95', 'p99'] as const;
type OrderValueName = (typeof orderValueNames)[number];

/** The smallest and largest order of a currency, and percentiles within 1 %, in its minor unit. */
export type ComparedOrderValues = Record<OrderValueName, Compared>;

interface ValueRow {
  currency: string;
  count: number;
  value_min: number | null;
  value_max: number | null;
  sketches: string | null;
}

/** The values of completed orders by currency, in the range and in the one compared with. */
export async function queryOrderValues(
  database: Queryable,
  query: AdminQuery,
): Promise<(currency: string) => ComparedOrderValues> {
  const { rows, rowsBefore } = await queryCompared<ValueRow>(database, query, {
    type: order.type,
    filters: { status: 'completed' },
    groupBy: ['currency'],
    columns: ['count', ...sketchColumns],
    select: `sum(r.count)::float8 as count, min(r.value_min)::float8 as value_min,
      max(r.value_max)::float8 as value_max, ${sketchesSql} as sketches`,
  });
  const now = valuesByCurrency(rows);
  const before = valuesByCurrency(rowsBefore ?? []);
  return (currency) =>
    Object.fromEntries(
      orderValueNames.map((name) => [
        name,
        compared(now.get(currency)?.[name] ?? null, before.get(currency)?.[name] ?? null),
      ]),
    ) as ComparedOrderValues;
}

function valuesByCurrency(rows: readonly ValueRow[]): Map<string, Record<OrderValueName, number | null>> {
  const ofCurrency = Map.groupBy(rows, ({ currency }) => currency);
  return new Map([...ofCurrency].map(([currency, some]) => [currency, valuesOf(some)]));
}

function valuesOf(rows: readonly ValueRow[]): Record<OrderValueName, number | null> {
  const sketch = new Sketch();
  for (const { sketches, value_min, value_max } of rows) sketch.add(sketches, value_min, value_max);
  const all = rows.reduce((sum, { count }) => sum + count, 0);
  // Orders of an earlier version have no sketch. Percentiles of the others alone would be wrong.
  const quantile = (q: number) => (sketch.size === all ? inMinorUnit(sketch.quantile(q)) : null);
  return {
    min: inMinorUnit(
      extreme(
        Math.min,
        rows.map(({ value_min }) => value_min),
      ),
    ),
    max: inMinorUnit(
      extreme(
        Math.max,
        rows.map(({ value_max }) => value_max),
      ),
    ),
    p50: quantile(quantiles.p50),
    p95: quantile(quantiles.p95),
    p99: quantile(quantiles.p99),
  };
}

/** The least or the greatest of some numbers; null without one. */
function extreme(of: typeof Math.min, numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter((number) => number !== null);
  return known.length === 0 ? null : of(...known);
}

function inMinorUnit(amount: number | null): number | null {
  return amount === null ? null : Math.round(amount) / AMOUNT_UNITS_PER_CENT;
}
