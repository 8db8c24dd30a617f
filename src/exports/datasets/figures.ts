import type { Revenue } from '../../queries/business/order-figures.ts';
import { answerSales, type SalesPoint } from '../../queries/business/sales.ts';
import { answerMl, type MlAnswer } from '../../queries/ml/ml.ts';
import type { Freshness } from '../../queries/reading/freshness.ts';
import type { Dataset, DatasetSource, OpenDataset } from '../dataset.ts';
import type { ExportRequest } from '../request.ts';
import type { Cell, Cells } from '../writing/columns.ts';
import type { ExportColumn } from '../writing/totals.ts';
import { bucketingOf, planExport } from './range-limits.ts';

/** A column, and how it is read from a point of the answer. */
type FigureColumn<Point> = ExportColumn & { cellOf(point: Point): Cell };

type MlPoint = MlAnswer['series'][number];

const mlColumns: readonly FigureColumn<MlPoint>[] = [
  { name: 'bucket_start', type: 'time', cellOf: ({ bucketStart }) => bucketStart },
  count('jobs', ({ jobs }) => jobs),
  count('succeeded', ({ succeeded }) => succeeded),
  count('failed', ({ failed }) => failed),
  count('cancelled', ({ cancelled }) => cancelled),
  { name: 'success_rate', type: 'decimal', cellOf: ({ successRate }) => successRate },
  { name: 'duration_avg_ms', type: 'decimal', cellOf: ({ durationAvgMs }) => durationAvgMs },
  { name: 'duration_p50_ms', type: 'decimal', cellOf: ({ durationP50Ms }) => durationP50Ms },
  { name: 'duration_p95_ms', type: 'decimal', cellOf: ({ durationP95Ms }) => durationP95Ms },
  { name: 'duration_p99_ms', type: 'decimal', cellOf: ({ durationP99Ms }) => durationP99Ms },
  { name: 'cost_cents', type: 'decimal', scale: 4, total: false, cellOf: ({ costCents }) => costCents },
  {
    name: 'cost_per_success_cents',
    type: 'decimal',
    cellOf: ({ costPerSuccessCents }) => costPerSuccessCents,
  },
  count('unpriced_jobs', ({ unpricedJobs }) => unpricedJobs),
];

/** ML jobs by bucket, as the API answers. */
export const mlDataset: Dataset = {
  capability: 'platform:read',
  check: (request, now) => void planExport(request, now),
  async open(source, request) {
    const query = { ...adminQuery(source, request), groupBy: 'pipeline' as const };
    const { series, freshness } = await answerMl(source.client, query);
    return openPoints(mlColumns, series, freshness);
  },
};

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

function count(name: string, of: (point: MlPoint) => number): FigureColumn<MlPoint> {
  return { name, type: 'integer', cellOf: of };
}

/** An amount in the minor unit of the currency. Sums over currencies would mean nothing. */
function revenue(name: string, field: keyof Revenue): FigureColumn<SalesRow> {
  return { name, type: 'decimal', total: false, scale: 4, cellOf: ({ revenue: of }) => of?.[field] ?? null };
}

function adminQuery({ now }: DatasetSource, { orgId, range, granularity, timezone }: ExportRequest) {
  return { orgId, range, timezone, now, granularity: bucketingOf[granularity], compare: undefined };
}

/** An answer has at most 10,000 points, so they are in memory at once. */
function openPoints<Point>(
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
