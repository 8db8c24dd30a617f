import type { PoolClient } from 'pg';
import { CodedError } from '../../errors.ts';
import { eventConditions } from '../../queries/events/event-filter.ts';
import { type EventRow, eventRowSql } from '../../queries/events/event-row.ts';
import { labelFilters } from '../../queries/reading/alternatives.ts';
import { eventsKeptFrom } from '../../rollups/org-removals.ts';
import type { Dataset, DatasetSource, KeptTimes, OpenDataset } from '../dataset.ts';
import {
  eventCells,
  eventCellsSql,
  eventColumns,
  storedColumnsSql,
  textColumns,
} from '../events/event-columns.ts';
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
  // A file takes one core of the server, and not those of the questions beside it.
  await client.query('set local max_parallel_workers_per_gather = 0');
  const keptSince = await eventsKeptFrom(client, request.orgId);
  const completeTo = await readCompleteTo(client);
  const { matched, totals, filled } = await countAndSum(client, request);
  const { range } = request;
  const isCut = keptSince !== undefined && keptSince.getTime() > range.start;
  return {
    columns: eventColumns,
    batches: cellsOf(client, request),
    copy: {
      statement: (choices) => copyStatement(request, { ...choices, filled }),
      rows: Math.min(matched, limitOf(request)),
      totals,
    },
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
  const { orgId, range, models, labels, events } = request;
  const { limit: _, ...filters } = events ?? {};
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions = eventConditions({ orgId, range, labels: labelFilters(labels), ...filters }, parameter);
  if (models.length > 0) conditions.push(`e.model_id = any(${parameter(models)}::text[])`);
  const newest = () => `order by e.occurred_at desc, e.event_id desc limit ${parameter(limitOf(request))}`;
  const text = `select ${select} from analytics.events e
    where ${conditions.join(' and ')} ${which === 'newest' ? newest() : ''}`;
  return { text, values };
}

/**
 * The cells are made above the sort, so that PostgreSQL sorts rows as they are stored: with texts of cells, it took a tenth
 * more time. It reads the inner query in its order. An `order by` outside would cost two thirds of what this saves
 * (decision 59).
 */
function copyStatement(request: ExportRequest, choices: Parameters<typeof eventCellsSql>[0]): string {
  const { text, values } = statementOf(request, storedColumnsSql(choices), 'newest');
  const newest = inlineValues(text, values);
  return `copy (select ${eventCellsSql(choices)} from (${newest}) as e) to stdout (format csv)`;
}

async function* cellsOf(client: PoolClient, request: ExportRequest): AsyncGenerator<readonly Cells[]> {
  const { text, values } = statementOf(request, eventRowSql, 'newest');
  for await (const rows of readCursor<EventRow>(client, text, values)) yield rows.map(eventCells);
}

/** The whole numbers that are added up, in units of the last digit of their column. */
const summed = {
  input_tokens: 'input_tokens',
  output_tokens: 'output_tokens',
  cached_input_tokens: 'cached_input_tokens',
  cost: 'cost_estimate_cents',
  cache_write_tokens: 'cache_write_tokens',
  cache_write_hour_tokens: 'cache_write_hour_tokens',
  reasoning_tokens: 'reasoning_tokens',
} as const;
const sums = Object.entries(summed).map(([column, name]) => `sum(e.${column})::text as ${name}`);

interface Counted {
  matched: number;
  /** Over the rows that the limit leaves. */
  totals: Totals;
  filled: ReadonlySet<string>;
}

/** How many events match, their sums, and which columns of texts they fill. */
async function countAndSum(client: PoolClient, request: ExportRequest): Promise<Counted> {
  const counts = textColumns.map((column) => `count(e.${column}) > 0 as "filled ${column}"`);
  const all = statementOf(request, ['count(*) as matched', ...sums, ...counts].join(', '), 'all');
  const counted = await readRow(client, all);
  const matched = Number(counted.matched);
  const newest = statementOf(request, 'e.*', 'newest');
  const written =
    matched > limitOf(request)
      ? await readRow(client, { ...newest, text: `select ${sums.join(', ')} from (${newest.text}) as e` })
      : counted;
  const totals = Object.values(summed).map((name) => [name, BigInt(String(written[name] ?? 0))] as const);
  const filled = textColumns.filter((column) => counted[`filled ${column}`] === true);
  return { matched, totals: Object.fromEntries(totals), filled: new Set(filled) };
}

async function readRow(client: PoolClient, { text, values }: Statement): Promise<Record<string, unknown>> {
  const { rows } = await client.query<Record<string, unknown>>(text, values);
  const [row] = rows;
  if (!row) throw new Error('the query returned no row of sums');
  return row;
}

/** The moment until which all raw events are there. */
async function readCompleteTo(client: PoolClient): Promise<Date> {
  const { rows } = await client.query<{ complete_to: Date }>('select transaction_timestamp() as complete_to');
  const [row] = rows;
  if (!row) throw new Error('the query returned no row');
  return row.complete_to;
}
