import type { PoolClient } from 'pg';
import { filterSql, type SeriesFilters, wantedRows } from '../../queries/reading/query-rollups.ts';
import type { ReadPlan } from '../../queries/reading/read-plan.ts';
import { queryWithWaitingWork } from '../../queries/reading/waiting-work.ts';
import { measuredColumns, measuresSql } from '../../rollups/books/measures.ts';
import { rollupRowsSql } from '../../rollups/rows/rollup-rows.ts';
import { type ChargeType, chargeDimensions } from './charge.ts';

/** Which charges of an org. */
export interface ChargesWanted {
  orgId: string;
  types: readonly ChargeType[];
  /** Only these models; empty: all, and ML jobs, which have none. */
  models: readonly string[];
  /** Only these values of labels. */
  labels?: SeriesFilters;
  /** Whether charges are told apart by their labels. */
  byLabels?: true;
  plan: ReadPlan;
}

export interface Statement {
  text: string;
  values: unknown[];
}

/**
 * The charges in the rollups: `bucket` (an index of the plan), type, dimensions and numbers, in the order of a file.
 * The client's transaction decides which moment they are of.
 */
export function chargesSql(client: PoolClient, wanted: ChargesWanted): Promise<Statement> {
  const dimensions = [
    ...chargeDimensions.map((column) => `s.${column}`),
    ...(wanted.byLabels ? ['s.labels::text as labels'] : []),
  ];
  const columns = ['bucket', 'type', ...dimensions].map((_, index) => index + 1).join(', ');
  return statement(
    client,
    wanted,
    (rows) => `
    select width_bucket(r.bucket_start, $3::timestamptz[]) - 1 as bucket, r.type, ${dimensions.join(', ')}, ${measuresSql('rolledUp')}
    from ${rows}
    group by ${columns} order by ${columns}`,
  );
}

/** The sums of all of these charges, in one row. */
export function chargeTotalsSql(client: PoolClient, wanted: ChargesWanted): Promise<Statement> {
  // The plan gives the buckets of charges; a sum needs none. The parameter is named so that its type is known.
  return statement(
    client,
    wanted,
    (rows) => `select ${measuresSql('rolledUp')} from ${rows} where $3::timestamptz[] is not null`,
  );
}

function statement(
  client: PoolClient,
  { orgId, types, models, labels = {}, plan }: ChargesWanted,
  select: (rows: string) => string,
): Promise<Statement> {
  return queryWithWaitingWork(client, orgId, async (waitingFor) => {
    const values: unknown[] = [orgId, types, plan.boundaries.map((boundary) => new Date(boundary))];
    const parameter = (value: unknown) => `$${values.push(value)}`;
    const waiting = waitingFor(parameter);
    const rows = rollupRowsSql(
      wantedRows(plan, parameter, 'one'),
      ['type', 'series_id', 'bucket_start', ...measuredColumns],
      'r.org_id = $1 and r.type = any($2::text[])',
      waiting.folds,
    );
    const filters = { ...labels, ...(models.length > 0 && { model_id: models }) };
    const conditions = ['s.org_id = $1', 's.series_id = r.series_id', ...filterSql(filters, parameter)];
    const text = select(`(${rows}) as r join analytics.series s on ${conditions.join(' and ')}`);
    return { text, values };
  });
}
