import type { PoolClient } from 'pg';
import { decimalText } from '../../decimal.ts';
import { refuseField } from '../../errors.ts';
import { COST_SCALE } from '../../events/field.ts';
import { isLabelName, keyOfLabel, type LabelName } from '../../events/labels.ts';
import { usage } from '../../events/types/usage.ts';
import { labelFilters } from '../../queries/reading/alternatives.ts';
import { filterSql, wantedRows } from '../../queries/reading/query-rollups.ts';
import type { ReadPlan } from '../../queries/reading/read-plan.ts';
import { namedSeriesSql } from '../../queries/reading/series-columns.ts';
import { queryWithWaitingWork } from '../../queries/reading/waiting-work.ts';
import { rollupRowsSql } from '../../rollups/rows/rollup-rows.ts';
import type { ChargeNumber } from '../charges/charge.ts';
import {
  type ChargeColumns,
  rawTotals,
  reconciliationOf,
  rolledUpTotals,
} from '../charges/reconcile-charges.ts';
import type { Dataset, DatasetSource, OpenDataset } from '../dataset.ts';
import type { ExportRequest } from '../request.ts';
import type { Cell, Cells } from '../writing/columns.ts';
import type { ExportColumn } from '../writing/totals.ts';
import { completeTo } from './complete-to.ts';
import { planExport } from './range-limits.ts';
import { readCursor } from './read-cursor.ts';
import { openUsageMonth } from './usage-month.ts';

const CURRENCY = 'USD';

/** A row as the database sends it. Numbers are text, because they may be larger than a number can be exactly. */
interface UsageRow extends Partial<Record<LabelName, string | null>> {
  bucket: number;
  model_id: string | null;
  client_id?: string | null;
  requests: string;
  errors: string;
  unpriced: string;
  input_tokens: string;
  cached_input_tokens: string;
  output_tokens: string;
  cost: string;
}

type UsageColumn = ExportColumn & {
  /** The number of the charges that it shows. */
  charge?: ChargeNumber;
  cellOf(row: UsageRow, bucket: { start: Date; end: Date; orgId: string }): Cell;
};

const startColumn: UsageColumn = { name: 'bucket_start', type: 'time', cellOf: (_, { start }) => start };
const orgColumn: UsageColumn = { name: 'organization_id', type: 'text', cellOf: (_, { orgId }) => orgId };
const modelColumn: UsageColumn = { name: 'model_id', type: 'text', cellOf: (row) => row.model_id };
const requestsColumn: UsageColumn = {
  name: 'request_count',
  type: 'integer',
  charge: 'events',
  cellOf: (row) => BigInt(row.requests),
};
const errorsColumn: UsageColumn = {
  name: 'error_count',
  type: 'integer',
  charge: 'failed',
  cellOf: (row) => BigInt(row.errors),
};
const tokensColumn: UsageColumn = {
  name: 'tokens_total',
  type: 'integer',
  cellOf: (row) => BigInt(row.input_tokens) + BigInt(row.output_tokens),
};
const costColumn: UsageColumn = {
  name: 'cost_total',
  type: 'decimal',
  charge: 'cost',
  scale: COST_SCALE,
  isSum: true,
  cellOf: (row) => decimalText(BigInt(row.cost), COST_SCALE),
};

/** The columns that S2 names for its finance export. */
const s2Columns: readonly UsageColumn[] = [
  startColumn,
  orgColumn,
  modelColumn,
  requestsColumn,
  tokensColumn,
  errorsColumn,
  costColumn,
];

/** A column for each label by which rows are told apart, such as `label_team`. */
function labelColumns({ groupBy }: ExportRequest): UsageColumn[] {
  return groupBy
    .filter(isLabelName)
    .map((name) => ({ name: `label_${keyOfLabel(name)}`, type: 'text', cellOf: (row) => row[name] ?? null }));
}

function ownColumns(request: ExportRequest): readonly UsageColumn[] {
  return [
    startColumn,
    { name: 'bucket_end', type: 'time', cellOf: (_, { end }) => end },
    orgColumn,
    modelColumn,
    ...(request.groupBy.includes('client')
      ? [{ name: 'client_id', type: 'text', cellOf: (row) => row.client_id ?? null } satisfies UsageColumn]
      : []),
    ...labelColumns(request),
    requestsColumn,
    errorsColumn,
    {
      name: 'input_tokens',
      type: 'integer',
      charge: 'input_tokens',
      cellOf: (row) => BigInt(row.input_tokens),
    },
    {
      name: 'cached_input_tokens',
      type: 'integer',
      charge: 'cached_input_tokens',
      cellOf: (row) => BigInt(row.cached_input_tokens),
    },
    {
      name: 'output_tokens',
      type: 'integer',
      charge: 'output_tokens',
      cellOf: (row) => BigInt(row.output_tokens),
    },
    tokensColumn,
    costColumn,
    { name: 'unpriced_count', type: 'integer', charge: 'unpriced', cellOf: (row) => BigInt(row.unpriced) },
    { name: 'currency', type: 'text', cellOf: () => CURRENCY },
  ];
}

/** Which numbers of the charges the columns of a file add up to. */
function comparedColumns(columns: readonly UsageColumn[]): ChargeColumns {
  return Object.fromEntries(
    columns.flatMap(({ name, charge }) => (charge === undefined ? [] : [[name, charge]])),
  );
}

/** Usage of an org by model and bucket, from rollups. */
export const usageDataset: Dataset = {
  capability: 'usage:read',
  check: checkUsage,
  open: openUsage,
};

function checkUsage(request: ExportRequest, now: number): void {
  if (request.closed) return;
  if (request.columns === 'vantage')
    throw refuseField(
      '$.columns',
      'must be default or s2 for usage, and not vantage; export focus for Vantage',
    );
  planExport(request, now);
}

async function openUsage({ client, now }: DatasetSource, request: ExportRequest): Promise<OpenDataset> {
  if (request.closed) return openUsageMonth(client, request, request.closed);
  const plan = planExport(request, now);
  const columns = request.columns === 's2' ? s2Columns : ownColumns(request);
  return {
    columns: columns.map(({ cellOf: _, charge: __, ...column }) => column),
    batches: rowsOf(client, request, plan, columns),
    completeTo: await completeTo(client, request.orgId),
    reconcile: async (written) => {
      const labels = labelFilters(request.labels);
      const wanted = {
        orgId: request.orgId,
        types: ['usage'] as const,
        models: request.models,
        labels,
        plan,
      };
      const sources = { rollups: await rolledUpTotals(client, wanted), raw: await rawTotals(client, wanted) };
      return reconciliationOf(written, comparedColumns(columns), sources);
    },
  };
}

async function* rowsOf(
  client: PoolClient,
  request: ExportRequest,
  plan: ReadPlan,
  columns: readonly UsageColumn[],
): AsyncGenerator<readonly Cells[]> {
  const { boundaries, covered } = plan;
  const buckets = boundaries.slice(0, -1).map((start, bucket) => ({
    start: new Date(Math.max(start, covered.start)),
    end: new Date(Math.min(boundaries[bucket + 1] ?? covered.end, covered.end)),
    orgId: request.orgId,
  }));
  const { text, values } = await statementOf(client, request, plan);
  for await (const rows of readCursor<UsageRow>(client, text, values)) {
    yield rows.map((row) => {
      const bucket = buckets[row.bucket];
      if (!bucket) throw new Error(`the database returned a row of bucket ${row.bucket}, outside the range`);
      return columns.map(({ cellOf }) => cellOf(row, bucket));
    });
  }
}

/** Sums by bucket, model and perhaps client. Their order is that of the file. */
function statementOf(
  client: PoolClient,
  { orgId, models, labels, groupBy }: ExportRequest,
  plan: ReadPlan,
): Promise<{ text: string; values: unknown[] }> {
  const groups = [
    's.model_id',
    ...(groupBy.includes('client') ? ['s.client_id'] : []),
    ...groupBy.filter(isLabelName).map(namedSeriesSql),
  ];
  return queryWithWaitingWork(client, orgId, async (waitingFor) => {
    const values: unknown[] = [
      orgId,
      usage.type,
      plan.boundaries.map((boundary) => new Date(boundary)),
      usage.failures,
    ];
    const parameter = (value: unknown) => `$${values.push(value)}`;
    const waiting = waitingFor(parameter);
    const rows = rollupRowsSql(
      wantedRows(plan, parameter, 'one'),
      ROW_COLUMNS,
      'r.org_id = $1 and r.type = $2',
      waiting.folds,
    );
    const conditions = [
      's.org_id = $1',
      's.type = $2',
      ...filterSql({ ...labelFilters(labels), ...(models.length > 0 && { model_id: models }) }, parameter),
    ];
    const by = groups.map((_, index) => index + 2).join(', ');
    const text = `
      select width_bucket(r.bucket_start, $3::timestamptz[]) - 1 as bucket, ${groups.join(', ')},
        sum(r.count)::text as requests,
        coalesce(sum(r.count) filter (where s.status = any($4::text[])), 0)::text as errors,
        coalesce(sum(r.count) filter (where r.cost is null), 0)::text as unpriced,
        coalesce(sum(r.input_tokens), 0)::text as input_tokens,
        coalesce(sum(r.cached_input_tokens), 0)::text as cached_input_tokens,
        coalesce(sum(r.output_tokens), 0)::text as output_tokens,
        coalesce(sum(r.cost), 0)::text as cost
      from (${rows}) as r
      join analytics.series s on s.series_id = r.series_id and ${conditions.join(' and ')}
      group by 1, ${by} order by 1, ${by}`;
    return { text, values };
  });
}

const ROW_COLUMNS = [
  'series_id',
  'bucket_start',
  'count',
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'cost',
];
