import type { Queryable } from '../../database/pool.ts';
import { shortDecimal } from '../../decimal.ts';
import { COST_SCALE } from '../../events/field.ts';
import { usage } from '../../events/types/usage.ts';
import { type AdminQuery, type AnswerMetadata, bucketingsFor, metadataOf } from '../reading/admin-query.ts';
import { type Compared, compared } from '../reading/comparison.ts';
import { inKeptZone } from '../reading/kept-zone.ts';
import { partialOf } from '../reading/partial-bucket.ts';
import { queryCompared, type RollupSelection } from '../reading/query-compared.ts';
import { sketchColumns, sketchesSql } from '../reading/sketch.ts';
import { type ShownBucketing, shownAs } from '../reading/time-buckets.ts';
import { type CallFigures, type CallRow, CallTally } from './call-tally.ts';

/** Figures of some calls, each with that of the time compared with. */
export type ComparedCalls = Record<keyof CallFigures, Compared> & {
  /** Dollars, exact, such as 0.0065. */
  costUsd: string;
};

export interface ModelCalls extends ComparedCalls {
  /** Null for the rest. */
  modelId: string | null;
  /** All models that are not shown one by one. */
  rest?: true;
  /** Share of all known costs, 0 to 1; null if there are none. */
  costShare: number | null;
}

export interface UsageOverview extends AnswerMetadata {
  granularity: ShownBucketing;
  totals: ComparedCalls;
  series: (CallFigures & { bucketStart: string; partial?: true })[];
  /** The models of the highest cost, and the rest. Together they are the totals. */
  models: ModelCalls[];
  /** How many models the rest adds up; 0 without a rest. */
  restModels: number;
  /** The models whose cost differs most from the time before, up or down. Empty without a comparison. */
  largestChanges: ModelCalls[];
}

type Row = CallRow & { bucket: number; model_id: string };

const MODELS_SHOWN = 8;
const CHANGES_SHOWN = 3;

const selection: RollupSelection = {
  type: usage.type,
  filters: {},
  groupBy: ['model_id', 'status'],
  columns: ['count', 'input_tokens', 'output_tokens', 'cost', ...sketchColumns],
  // Calls of unknown cost have series of their own, so none of their rows has a cost.
  computed: { unpriced: 'case when r.cost is null then r.count end' },
  // As numbers of JSON: exact up to 2^53, and the nearest number beyond.
  select: `sum(r.count)::float8 as count, coalesce(sum(r.input_tokens), 0)::float8 as input_tokens,
    coalesce(sum(r.output_tokens), 0)::float8 as output_tokens, coalesce(sum(r.cost), 0)::text as cost,
    coalesce(sum(r.unpriced), 0)::float8 as unpriced,
    min(r.value_min) as value_min, max(r.value_max) as value_max, ${sketchesSql} as sketches`,
};

/** Cost, number, error rate and latency of the calls of models, compared with the time before. */
export async function answerUsageOverview(database: Queryable, asked: AdminQuery): Promise<UsageOverview> {
  const query = inKeptZone(asked, bucketingsFor(asked));
  const found = await queryCompared<Row>(database, query, selection, {
    bucketings: bucketingsFor(query),
    bucketingBefore: 'whole',
    counted: ['model_id'],
  });
  const { plan, bucketing, rows, rowsBefore, freshness } = found;
  const byBucket = Map.groupBy(rows, ({ bucket }) => bucket);
  const total = tallyOf(rows);
  const models = modelsOf(rows, rowsBefore);
  const shown = models.slice(0, models.length > MODELS_SHOWN + 1 ? MODELS_SHOWN : models.length);
  const rest = models.slice(shown.length);
  const showing = ({ modelId, rows, rowsBefore }: Model): ModelCalls => {
    const calls = tallyOf(rows);
    return {
      modelId,
      ...comparedCalls(calls, rowsBefore && tallyOf(rowsBefore)),
      costShare: total.cost === 0n ? null : Number(calls.cost) / Number(total.cost),
    };
  };
  return {
    ...metadataOf(query, freshness, found),
    granularity: shownAs(bucketing),
    totals: comparedCalls(total, rowsBefore && tallyOf(rowsBefore)),
    series: plan.boundaries.slice(0, -1).map((start, bucket) => ({
      bucketStart: new Date(start).toISOString(),
      ...partialOf(plan, bucket, query.now),
      ...tallyOf(byBucket.get(bucket) ?? []).figures(),
    })),
    models: [
      ...shown.map(showing),
      ...(rest.length > 0 ? [{ ...showing(together(rest)), rest: true as const }] : []),
    ],
    restModels: rest.length,
    largestChanges: byChange(models).slice(0, CHANGES_SHOWN).map(showing),
  };
}

/** The rows of a model. They are tallied only if it is shown: a tally takes 15 kB, and there may be thousands of models. */
interface Model {
  modelId: string | null;
  rows: readonly Row[];
  /** `undefined` without a comparison. */
  rowsBefore: readonly Row[] | undefined;
  invocations: number;
  /** Nano-dollars, to the nearest number. */
  cost: number;
  costBefore: number;
}

/** The model of the highest cost first. A model without calls by now is one too, with its decrease. */
function modelsOf(rows: readonly Row[], rowsBefore: readonly Row[] | undefined): Model[] {
  const now = Map.groupBy(rows, ({ model_id }) => model_id);
  const before = Map.groupBy(rowsBefore ?? [], ({ model_id }) => model_id);
  const costOf = (some: readonly Row[]) => some.reduce((sum, { cost }) => sum + Number(cost), 0);
  return [...new Set([...now.keys(), ...before.keys()])]
    .sort()
    .map((modelId) => {
      const [ofModel, then] = [now.get(modelId) ?? [], before.get(modelId) ?? []];
      return {
        modelId,
        rows: ofModel,
        rowsBefore: rowsBefore && then,
        invocations: ofModel.reduce((sum, { count }) => sum + count, 0),
        cost: costOf(ofModel),
        costBefore: costOf(then),
      };
    })
    .sort((a, b) => b.cost - a.cost || b.invocations - a.invocations);
}

function tallyOf(rows: readonly CallRow[]): CallTally {
  const tally = new CallTally();
  for (const row of rows) tally.add(row);
  return tally;
}

function together(models: readonly Model[]): Model {
  const sum = (column: 'invocations' | 'cost' | 'costBefore') =>
    models.reduce((total, model) => total + model[column], 0);
  return {
    modelId: null,
    rows: models.flatMap(({ rows }) => rows),
    rowsBefore: models[0]?.rowsBefore && models.flatMap(({ rowsBefore = [] }) => rowsBefore),
    ...{ invocations: sum('invocations'), cost: sum('cost'), costBefore: sum('costBefore') },
  };
}

/** The models whose cost changed, the largest change first. */
function byChange(models: readonly Model[]): Model[] {
  const changeOf = ({ rowsBefore, cost, costBefore }: Model) =>
    rowsBefore ? Math.abs(cost - costBefore) : 0;
  return models.filter((model) => changeOf(model) > 0).sort((a, b) => changeOf(b) - changeOf(a));
}

function comparedCalls(calls: CallTally, before: CallTally | undefined): ComparedCalls {
  const [now, then] = [calls.figures(), before?.figures()];
  const figures = Object.fromEntries(
    (Object.keys(now) as (keyof CallFigures)[]).map((name) => [
      name,
      compared(now[name], then?.[name] ?? null),
    ]),
  ) as Record<keyof CallFigures, Compared>;
  return { ...figures, costUsd: shortDecimal(calls.cost, COST_SCALE) };
}

const ofReliability = ['errorRate', 'latencyP95Ms'] as const satisfies (keyof CallFigures)[];

/** The same without figures of reliability, for a caller who may not read them. */
export function withoutReliability(overview: UsageOverview): object {
  const strip = (figures: object): object =>
    Object.fromEntries(
      Object.entries(figures).filter(([name]) => !ofReliability.some((each) => each === name)),
    );
  return {
    ...overview,
    totals: strip(overview.totals),
    series: overview.series.map(strip),
    models: overview.models.map(strip),
    largestChanges: overview.largestChanges.map(strip),
  };
}
