import type { PoolClient } from 'pg';
import { CodedError } from '../../errors.ts';
import { eventConditions } from '../../queries/events/event-filter.ts';
import { type EventRow, eventRowSql } from '../../queries/events/event-row.ts';
import { eventsKeptFrom } from '../../rollups/org-removals.ts';
import type { Dataset, DatasetSource, KeptTimes, OpenDataset } from '../dataset.ts';
import { eventCells, eventCellsSql, eventColumns } from '../events/event-columns.ts';
import type { ExportRequest } from '../request.ts';
import type { Cells } from '../writing/columns.ts';
import type { Totals } from '../writing/totals.ts';
import { inlineValues } from './inline-values.ts';
import { readCursor } from './read-cursor.ts';

/** Sorting so many rows in memory is faster than on disk, and an export sorts once. */
const WORK_MEM = '64MB';

/** Raw events of an org, the newest first. */
export const eventsDataset: Dataset = {
  capability: 'events:read',
  check: checkRange,
  open: openEvents,
};

function checkRange({ range }: ExportRequest, now: number, { rawRetention }: KeptTimes): void {
  const keptSince = now - rawRetention;
  if (range.end > keptSince) return;
  const message = `ends before ${new Date(keptSince).toISOString()}; raw events are kept since then`;
  throw new CodedError('range_not_kept', `In the body: $.timeRange ${message}.`, {
    faults: [{ path: '$.timeRange', message }],
  });
}

async function openEvents({ client }: DatasetSource, request: ExportRequest): Promise<OpenDataset> {
  await client.query(`set local work_mem = '${WORK_MEM}'`);
  const keptSince = await eventsKeptFrom(client, request.orgId);
  const completeTo = await readCompleteTo(client);
  const { matched, totals } = await countAndSum(client, request);
  const { raw, range } = request;
  const isCut = keptSince !== undefined && keptSince.getTime() > range.start;
  return {
    columns: eventColumns,
    batches: cellsOf(client, request),
    copy: { statement: copyStatement(request, raw), rows: Math.min(matched, limitOf(request)), totals },
    rowsMatched: matched,
    completeTo: completeTo.toISOString(),
    ...(isCut && {
      warnings: [`Raw events before ${keptSince.toISOString()} of the org have been removed.`],
    }),
  };
}

interface Statement {
  text: string;
  values: unknown[];
}

function limitOf({ events }: ExportRequest): number {
  return events?.limit ?? 0;
}

function statementOf(request: ExportRequest, select: string, which: 'newest' | 'all'): Statement {
  const { orgId, range, models, events } = request;
  const { limit: _, ...filters } = events ?? {};
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions = eventConditions({ orgId, range, ...filters }, parameter);
  if (models.length > 0) conditions.push(`e.model_id = any(${parameter(models)}::text[])`);
  const newest = () => `order by e.occurred_at desc, e.event_id desc limit ${parameter(limitOf(request))}`;
  const text = `select ${select} from analytics.events e
    where ${conditions.join(' and ')} ${which === 'newest' ? newest() : ''}`;
  return { text, values };
}

function copyStatement(request: ExportRequest, raw: boolean): string {
  const { text, values } = statementOf(request, eventCellsSql({ raw }), 'newest');
  return `copy (${inlineValues(text, values)}) to stdout (format csv)`;
}

async function* cellsOf(client: PoolClient, request: ExportRequest): AsyncGenerator<readonly Cells[]> {
  const { text, values } = statementOf(request, eventRowSql, 'newest');
  for await (const rows of readCursor<EventRow>(client, text, values)) yield rows.map(eventCells);
}

/** The whole numbers that are added up, as SQL, in units of the last digit of their column. */
const SUMS = `sum(input_tokens)::text as input_tokens, sum(output_tokens)::text as output_tokens,
  sum(cached_input_tokens)::text as cached_input_tokens, sum(cost)::text as cost_estimate_cents,
  sum(cache_write_tokens)::text as cache_write_tokens, sum(reasoning_tokens)::text as reasoning_tokens`;
type Sums = Record<
  | 'input_tokens'
  | 'output_tokens'
  | 'cached_input_tokens'
  | 'cost_estimate_cents'
  | 'cache_write_tokens'
  | 'reasoning_tokens',
  string | null
>;

/** How many events match, and the sums over those that the limit leaves. */
async function countAndSum(
  client: PoolClient,
  request: ExportRequest,
): Promise<{ matched: number; totals: Totals }> {
  const sumsOver = async ({ text, values }: Statement) => {
    const { rows } = await client.query<Sums & { rows: number }>(
      `select count(*) as rows, ${SUMS} from (${text}) as e`,
      values,
    );
    const [row] = rows;
    if (!row) throw new Error('the query returned no row of sums');
    return row;
  };
  const { rows: matched, ...sums } = await sumsOver(statementOf(request, 'e.*', 'all'));
  const isTruncated = matched > limitOf(request);
  const { rows: _, ...written } = isTruncated
    ? await sumsOver(statementOf(request, 'e.*', 'newest'))
    : { rows: 0, ...sums };
  const totals = Object.entries(written).map(([name, sum]) => [name, BigInt(sum ?? 0)] as const);
  return { matched, totals: Object.fromEntries(totals) };
}

/** The moment until which all raw events are there. */
async function readCompleteTo(client: PoolClient): Promise<Date> {
  const { rows } = await client.query<{ complete_to: Date }>('select transaction_timestamp() as complete_to');
  const [row] = rows;
  if (!row) throw new Error('the query returned no row');
  return row.complete_to;
}
