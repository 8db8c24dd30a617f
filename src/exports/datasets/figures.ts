import type { Revenue } from '../../queries/business/order-figures.ts';
import { answerSales, type SalesPoint } from '../../queries/business/sales.ts';
import type { Freshness } from '../../queries/reading/freshness.ts';
import type { Dataset, DatasetSource, OpenDataset } from '../dataset.ts';
import type { ExportRequest } from '../request.ts';
import type { Cell, Cells } from '../writing/columns.ts';
import type { ExportColumn } from '../writing/totals.ts';
import { bucketingOf, planExport } from './range-limits.ts';

/** A column, and how it is read from a point of the answer. */
export type FigureColumn<Point> = ExportColumn & { cellOf(point: Point): Cell };

/** A point of sales in one currency; the counts of orders are those of all currencies, in the first of its rows. */
interface SalesRow {
  point: SalesPoint;
  revenue: SalesPoint['byCurrency'][number] | undefined;
}

const salesColumns: readonly FigureColumn<SalesRow>[] = [
  { name: 'bucket_start', type: 'time', cellOf: ({ point }) => point.bucketStart },
  { name: 'currency', type: 'text', cellOf: ({ revenue }) => revenue?.currency ?? null },
  revenue('net_revenue_cents', 'revenueCents'),
  revenue('gross_revenue_cents', 'grossCents'),
  revenue('refunds_cents', 'refundsCents'),
  revenue('cancellations_cents', 'cancellationsCents'),
  revenue('over_refunded_cents', 'overRefundedCents'),
  { name: 'orders_completed_all', type: 'integer', total: false, cellOf: ({ point }) => point.completed },
  { name: 'orders_refunded_all', type: 'integer', total: false, cellOf: ({ point }) => point.refunded },
  { name: 'orders_cancelled_all', type: 'integer', total: false, cellOf: ({ point }) => point.cancelled },
  { name: 'units_sold_all', type: 'integer', total: false, cellOf: ({ point }) => point.unitsSold },
  { name: 'units_returned_all', type: 'integer', total: false, cellOf: ({ point }) => point.unitsReturned },
];

/** Sales by bucket and currency, as the API answers. Counts are those of all currencies together. */
export const salesDataset: Dataset = {
  capability: 'business:read',
  check: (request, now) => void planExport(request, now),
  async open(source, request) {
    const query = { ...adminQuery(source, request), breakdown: undefined, limit: 1 };
    const { series, freshness } = await answerSales(source.client, query);
    const rows = series.flatMap((point): SalesRow[] =>
      point.byCurrency.length === 0
        ? [{ point, revenue: undefined }]
        : point.byCurrency.map((revenue) => ({ point, revenue })),
    );
    return openPoints(salesColumns, rows, freshness);
  },
};

/** An amount in the minor unit of the currency. Sums over currencies would mean nothing. */
function revenue(name: string, field: keyof Revenue): FigureColumn<SalesRow> {
  return { name, type: 'decimal', total: false, scale: 4, cellOf: ({ revenue: of }) => of?.[field] ?? null };
}

export function adminQuery({ now }: DatasetSource, { orgId, range, granularity, timezone }: ExportRequest) {
  return { orgId, range, timezone, now, granularity: bucketingOf[granularity], compare: undefined };
}

/** An answer has at most 10,000 points, so they are in memory at once. */
export function openPoints<Point>(
  columns: readonly FigureColumn<Point>[],
  points: readonly Point[],
  { asOf }: Freshness,
): OpenDataset {
  return {
    columns: columns.map(({ cellOf: _, ...column }) => column),
    batches: batchOf(points.map((point) => columns.map(({ cellOf }) => cellOf(point)))),
    completeTo: asOf,
  };
}

async function* batchOf(rows: readonly Cells[]): AsyncGenerator<readonly Cells[]> {
  yield rows;
}
