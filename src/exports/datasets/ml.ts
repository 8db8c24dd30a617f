import type { PoolClient } from 'pg';
import { decimalText, shortDecimal } from '../../decimal.ts';
import { COST_SCALE } from '../../events/field.ts';
import { answerMl, type MlAnswer } from '../../queries/ml/ml.ts';
import type { ReadPlan } from '../../queries/reading/read-plan.ts';
import { type ChargesWanted, chargesSql } from '../charges/charges-sql.ts';
import {
  type ChargeColumns,
  rawTotals,
  reconciliationOf,
  rolledUpTotals,
} from '../charges/reconcile-charges.ts';
import type { Dataset, DatasetSource, OpenDataset } from '../dataset.ts';
import type { ExportRequest } from '../request.ts';
import { adminQuery, type FigureColumn, openPoints } from './figures.ts';
import { planExport } from './range-limits.ts';

/** A point of the answer, with its exact cost in nano-dollars. */
type MlPoint = MlAnswer['series'][number] & { cost: bigint };

const columns: readonly FigureColumn<MlPoint>[] = [
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
  {
    ...{ name: 'cost_cents', type: 'decimal', scale: COST_SCALE - 2, isSum: true },
    cellOf: (point) => knownCost(point, (cost) => shortDecimal(cost, COST_SCALE - 2)),
  },
  {
    name: 'cost_per_success_cents',
    type: 'decimal',
    cellOf: ({ costPerSuccessCents }) => costPerSuccessCents,
  },
  count('unpriced_jobs', ({ unpricedJobs }) => unpricedJobs),
  {
    ...{ name: 'cost_usd', type: 'decimal', scale: COST_SCALE, isSum: true },
    cellOf: (point) => knownCost(point, (cost) => decimalText(cost, COST_SCALE)),
  },
];

/** Which numbers of the charges the columns add up to. */
const COMPARED: ChargeColumns = {
  jobs: 'events',
  failed: 'failed',
  unpriced_jobs: 'unpriced',
  cost_usd: 'cost',
};

/** ML jobs by bucket, as the API answers. Their costs are exact, where those of the API are the nearest numbers. */
export const mlDataset: Dataset = {
  capability: 'platform:read',
  check: (request, now) => void planExport(request, now),
  open: openMl,
};

async function openMl(source: DatasetSource, request: ExportRequest): Promise<OpenDataset> {
  const { client, now } = source;
  const plan = planExport(request, now);
  const wanted: ChargesWanted = { orgId: request.orgId, types: ['ml_job'], models: [], plan };
  const { series, freshness } = await answerMl(client, {
    ...adminQuery(source, request),
    groupBy: 'pipeline' as const,
  });
  const costs = await costsByBucket(client, wanted, plan);
  const points = series.map((point) => ({ ...point, cost: costs.get(point.bucketStart) ?? 0n }));
  return {
    ...openPoints(columns, points, freshness),
    reconcile: async (written) =>
      reconciliationOf(written, COMPARED, {
        rollups: await rolledUpTotals(client, wanted),
        raw: await rawTotals(client, wanted),
      }),
  };
}

/** Nano-dollars of each bucket that has jobs, by its start. */
async function costsByBucket(
  client: PoolClient,
  wanted: ChargesWanted,
  { boundaries }: ReadPlan,
): Promise<Map<string, bigint>> {
  const { text, values } = await chargesSql(client, wanted);
  const { rows } = await client.query<{ bucket: number; cost: string }>(
    `select bucket, sum(cost)::text as cost from (${text}) as charges group by bucket`,
    values,
  );
  return new Map(
    rows.map(({ bucket, cost }) => [new Date(boundaries[bucket] ?? 0).toISOString(), BigInt(cost)]),
  );
}

function count(name: string, of: (point: MlPoint) => number): FigureColumn<MlPoint> {
  return { name, type: 'integer', cellOf: of };
}

/** Null if no job of the point has a known cost. */
function knownCost({ costCents, cost }: MlPoint, show: (cost: bigint) => string): string | null {
  return costCents === null ? null : show(cost);
}
