import { isLabelName, keyOfLabel, type LabelName } from '../../events/labels.ts';
import type { Revenue } from '../../queries/business/order-figures.ts';
import { answerSales, type SalesPoint } from '../../queries/business/sales.ts';
import type { Freshness } from '../../queries/reading/freshness.ts';
import { MAX_POINTS } from '../../queries/reading/read-plan.ts';
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
  /** The value of the label that rows are told apart by. */
  label?: string | null;
}

/** The values of a label beyond those that an answer has points for. */
const REST = '(rest)';

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
    const breakdown = request.groupBy.find(isLabelName);
    const { boundaries } = planExport(request, source.now);
    const limit = Math.max(1, Math.floor(MAX_POINTS / boundaries.length) - 1);
    const query = { ...adminQuery(source, request), breakdown, limit };
    const { series, groups, freshness } = await answerSales(source.client, query);
    if (breakdown === undefined) return openPoints(salesColumns, rowsOf(series), freshness);
    const rows = (groups ?? []).flatMap((group) =>
      rowsOf(group.series).map((row) => ({ ...row, label: group.rest ? REST : group.name })),
    );
    const [bucket, ...others] = salesColumns;
    return openPoints([...(bucket ? [bucket] : []), labelColumn(breakdown), ...others], rows, freshness);
  },
};

function rowsOf(series: readonly SalesPoint[]): SalesRow[] {
  return series.flatMap((point): SalesRow[] =>
    point.byCurrency.length === 0
      ? [{ point, revenue: undefined }]
      : point.byCurrency.map((revenue) => ({ point, revenue })),
  );
}

function labelColumn(name: LabelName): FigureColumn<SalesRow> {
  return { name: `label_${keyOfLabel(name)}`, type: 'text', cellOf: ({ label }) => label ?? null };
}

/** An amount in the minor unit of the currency. Sums over currencies would mean nothing. */
function revenue(name: string, field: keyof Revenue): FigureColumn<SalesRow> {
  return { name, type: 'decimal', total: false, scale: 4, cellOf: ({ revenue: of }) => of?.[field] ?? null };
}

export function adminQuery({ now }: DatasetSource, request: ExportRequest) {
  const { orgId, range, granularity, timezone, labels } = request;
  const bucketing = { granularity: bucketingOf[granularity], compare: undefined };
  return { orgId, range, timezone, now, ...bucketing, ...(labels !== undefined && { labels }) };
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
