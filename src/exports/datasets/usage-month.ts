import type { PoolClient } from 'pg';
import { decimalText } from '../../decimal.ts';
import { COST_SCALE } from '../../events/field.ts';
import type { Charge, ChargeNumber } from '../charges/charge.ts';
import type { OpenDataset } from '../dataset.ts';
import type { ClosedMonth, ExportRequest } from '../request.ts';
import type { Cell } from '../writing/columns.ts';
import type { ExportColumn } from '../writing/totals.ts';
import { openClosedMonth } from './closed-month.ts';

type MonthColumn = ExportColumn & { charge?: ChargeNumber; cellOf(charge: Charge, orgId: string): Cell };

/** The columns of `usage`, and which month a row is of: that of its file, or an earlier one that it corrects. */
function columnsOf(byClient: boolean): readonly MonthColumn[] {
  const integer = (name: string, cellOf: MonthColumn['cellOf'], charge?: ChargeNumber): MonthColumn => ({
    ...{ name, type: 'integer', cellOf },
    ...(charge && { charge }),
  });
  const text = (name: string, cellOf: MonthColumn['cellOf']): MonthColumn => ({ name, type: 'text', cellOf });
  return [
    { name: 'bucket_start', type: 'time', cellOf: ({ start }) => start },
    { name: 'bucket_end', type: 'time', cellOf: ({ end }) => end },
    text('organization_id', (_, orgId) => orgId),
    text('model_id', ({ modelId }) => modelId),
    ...(byClient ? [text('client_id', ({ clientId }) => clientId)] : []),
    integer('request_count', ({ events }) => events, 'events'),
    integer('error_count', ({ failed }) => failed, 'failed'),
    integer('input_tokens', ({ inputTokens }) => inputTokens, 'input_tokens'),
    integer('cached_input_tokens', ({ cachedInputTokens }) => cachedInputTokens, 'cached_input_tokens'),
    integer('output_tokens', ({ outputTokens }) => outputTokens, 'output_tokens'),
    integer('tokens_total', ({ inputTokens, outputTokens }) => inputTokens + outputTokens),
    {
      ...{ name: 'cost_total', type: 'decimal', scale: COST_SCALE, isSum: true, charge: 'cost' },
      cellOf: ({ cost }) => decimalText(cost, COST_SCALE),
    },
    integer('unpriced_count', ({ unpriced }) => unpriced, 'unpriced'),
    text('currency', () => 'USD'),
    text('period', ({ start }) => start.toISOString().slice(0, 7)),
    { name: 'correction', type: 'boolean', cellOf: ({ corrects }) => corrects !== null },
  ];
}

/** Opens the file of a closed month. */
export function openUsageMonth(
  client: PoolClient,
  request: ExportRequest,
  closed: ClosedMonth,
): Promise<OpenDataset> {
  const byClient = request.groupBy.includes('client');
  const columns = columnsOf(byClient);
  return openClosedMonth(client, request, closed, {
    columns: columns.map(({ cellOf: _, charge: __, ...column }) => column),
    compared: Object.fromEntries(columns.flatMap(({ name, charge }) => (charge ? [[name, charge]] : []))),
    dimensions: byClient ? ['model_id', 'client_id'] : ['model_id'],
    cellsOf: (charge) => columns.map(({ cellOf }) => cellOf(charge, request.orgId)),
  });
}
