import type { PoolClient } from 'pg';
import { refuseField } from '../../errors.ts';
import { labelFilters } from '../../queries/reading/alternatives.ts';
import type { ReadPlan } from '../../queries/reading/read-plan.ts';
import { type Charge, type ChargeRow, chargeDimensions, chargeOf } from '../charges/charge.ts';
import { type ChargesWanted, chargesSql } from '../charges/charges-sql.ts';
import {
  type ChargeColumns,
  chargedTypes,
  rawTotals,
  reconciliationOf,
  rolledUpTotals,
} from '../charges/reconcile-charges.ts';
import type { Dataset, DatasetSource, OpenDataset } from '../dataset.ts';
import type { ExportRequest } from '../request.ts';
import { openClosedMonth } from './closed-month.ts';
import { completeTo } from './complete-to.ts';
import { type FocusColumn, type FocusContext, focusColumns } from './focus-columns.ts';
import { focusSchema } from './focus-schema.ts';
import { planExport } from './range-limits.ts';
import { readCursor } from './read-cursor.ts';

/** Which numbers of the charges the columns add up to. */
const COMPARED: ChargeColumns = {
  BilledCost: 'cost',
  ConsumedQuantity: 'events',
  x_FailedRequests: 'failed',
  x_UnpricedRequests: 'unpriced',
  x_InputTokens: 'input_tokens',
  x_CachedInputTokens: 'cached_input_tokens',
  x_OutputTokens: 'output_tokens',
};

/** Costs and usage as FOCUS has them, from rollups. */
export const focusDataset: Dataset = {
  capability: 'usage:read',
  check: checkFocus,
  open: openFocus,
};

function checkFocus(request: ExportRequest, now: number): void {
  if (request.closed) return;
  if (request.timezone !== 'UTC')
    throw refuseField('$.timezone', `must be UTC, as FOCUS has it, and not ${request.timezone}`);
  if (request.columns === 's2')
    throw refuseField('$.columns', 'must be default or vantage for focus, and not s2');
  planExport(request, now);
}

async function openFocus(source: DatasetSource, request: ExportRequest): Promise<OpenDataset> {
  const columns = columnsOf(request);
  const compared = Object.fromEntries(
    Object.entries(COMPARED).filter(([name]) => columns.some((column) => column.name === name)),
  );
  const shown = columns.map(({ cellOf: _, nullable: __, vantage: ___, ...column }) => column);
  const schema = { focus: focusSchema(columns) };
  if (request.closed) {
    const open = await openClosedMonth(source.client, request, request.closed, {
      ...{ columns: shown, compared, dimensions: chargeDimensions },
      cellsOf: (charge, { issuer, month }) => {
        const context = { orgId: request.orgId, issuer, billingPeriod: month };
        return columns.map(({ cellOf }) => cellOf(charge, context));
      },
    });
    return { ...open, manifest: { ...open.manifest, ...schema } };
  }
  const { client, now, issuer } = source;
  const { orgId, models } = request;
  const plan = planExport(request, now);
  const wanted: ChargesWanted = {
    ...{ orgId, models, plan, types: models.length > 0 ? ['usage'] : chargedTypes },
    ...{ labels: labelFilters(request.labels), byLabels: true },
  };
  return {
    columns: shown,
    batches: rowsOf(readCharges(client, wanted, plan), columns, { orgId, issuer }),
    completeTo: await completeTo(client, orgId),
    manifest: schema,
    reconcile: async (written) =>
      reconciliationOf(written, compared, {
        rollups: await rolledUpTotals(client, wanted),
        raw: await rawTotals(client, wanted),
      }),
  };
}

/** The rows of a closed month are kept without labels, and its file is always the same. */
function columnsOf({ columns, closed }: ExportRequest): readonly FocusColumn[] {
  const kept = closed ? focusColumns.filter(({ name }) => name !== 'Tags') : focusColumns;
  return columns === 'vantage' ? kept.filter(({ vantage }) => vantage) : kept;
}

async function* rowsOf(
  batches: AsyncIterable<readonly Charge[]>,
  columns: readonly FocusColumn[],
  context: FocusContext,
) {
  for await (const charges of batches)
    yield charges.map((charge) => columns.map(({ cellOf }) => cellOf(charge, context)));
}

/** The charges in the rollups, some thousand at a time. */
async function* readCharges(
  client: PoolClient,
  wanted: ChargesWanted,
  { boundaries, covered }: ReadPlan,
): AsyncGenerator<readonly Charge[]> {
  const buckets = boundaries.slice(0, -1).map((start, bucket) => ({
    start: new Date(Math.max(start, covered.start)),
    end: new Date(Math.min(boundaries[bucket + 1] ?? covered.end, covered.end)),
    corrects: null,
  }));
  const { text, values } = await chargesSql(client, wanted);
  for await (const rows of readCursor<ChargeRow & { bucket: number }>(client, text, values)) {
    yield rows.map((row) => {
      const bucket = buckets[row.bucket];
      if (!bucket) throw new Error(`the database returned a row of bucket ${row.bucket}, outside the range`);
      return chargeOf(row, bucket);
    });
  }
}
