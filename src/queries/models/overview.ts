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
  const models = modelsOf(rows, rowsBefore);
  const shown = models.slice(0, models.length > MODELS_SHOWN + 1 ? MODELS_SHOWN : models.length);
  const rest = models.slice(shown.length);
  const changed = byChange(models).slice(0, CHANGES_SHOWN);
  const ids = { shown: idsOf(shown), changed: idsOf(changed) };
  const calls = tallyCalls(rows, ids, plan.boundaries.length - 1);
  const before = rowsBefore && tallyCalls(rowsBefore, ids, 0);
  const figures = (now: CallTally, then: CallTally | undefined) => ({
    ...comparedCalls(now, then),
    costShare: calls.total.cost === 0n ? null : Number(now.cost) / Number(calls.total.cost),
  });
  const showing = ({ modelId }: Model): ModelCalls => ({
    modelId,
    ...figures(
      calls.models.get(modelId) ?? new CallTally(),
      before && (before.models.get(modelId) ?? new CallTally()),
    ),
  });
  return {
    ...metadataOf(query, freshness, found),
    granularity: shownAs(bucketing),
    totals: comparedCalls(calls.total, before?.total),
    series: plan.boundaries.slice(0, -1).map((start, bucket) => ({
      bucketStart: new Date(start).toISOString(),
      ...partialOf(plan, bucket, query.now),
      ...(calls.points[bucket] ?? new CallTally().figures()),
    })),
    models: [
      ...shown.map(showing),
      ...(rest.length > 0
        ? [{ modelId: null, ...figures(calls.rest, before?.rest), rest: true as const }]
        : []),
    ],
    restModels: rest.length,
    largestChanges: changed.map(showing),
  };
}

interface Model {
  modelId: string;
  invocations: number;
  /** Nano-dollars, to the nearest number. */
  cost: number;
  /** `undefined` without a comparison. */
  costBefore: number | undefined;
}

/** The model of the highest cost first. A model without calls by now is one too, with its decrease. */
function modelsOf(rows: readonly Row[], rowsBefore: readonly Row[] | undefined): Model[] {
  const now = Map.groupBy(rows, ({ model_id }) => model_id);
  const before = Map.groupBy(rowsBefore ?? [], ({ model_id }) => model_id);
  const costOf = (some: readonly Row[]) => some.reduce((sum, { cost }) => sum + Number(cost), 0);
  return [...new Set([...now.keys(), ...before.keys()])]
    .sort()
    .map((modelId) => {
      const ofModel = now.get(modelId) ?? [];
      return {
        modelId,
        invocations: ofModel.reduce((sum, { count }) => sum + count, 0),
        cost: costOf(ofModel),
        costBefore: rowsBefore && costOf(before.get(modelId) ?? []),
      };
    })
    .sort((a, b) => b.cost - a.cost || b.invocations - a.invocations);
}

function idsOf(models: readonly Model[]): ReadonlySet<string> {
  return new Set(models.map(({ modelId }) => modelId));
}

/** The models that an answer tells by themselves. All that are not shown are its rest, the changed ones too. */
interface ToldModels {
  shown: ReadonlySet<string>;
  changed: ReadonlySet<string>;
}

interface TalliedCalls {
  total: CallTally;
  /** One for each bucket. */
  points: CallFigures[];
  /** Of the models told by themselves. There may be thousands of others, and a tally takes 15 kB. */
  models: Map<string, CallTally>;
  rest: CallTally;
}

/**
 * Sums rows in total, by bucket and by model. Each row is added once, to the tally of its bucket and model, which is
 * then added to the others: merging sketches is most of the work.
 * @param buckets how many buckets have points; rows count in the total whatever their bucket
 */
function tallyCalls(rows: readonly Row[], { shown, changed }: ToldModels, buckets: number): TalliedCalls {
  const [total, rest, point, part] = [new CallTally(), new CallTally(), new CallTally(), new CallTally()];
  const models = new Map<string, CallTally>();
  const points: CallFigures[] = Array.from({ length: buckets }, () => point.figures());
  for (const [bucket, some] of Map.groupBy(rows, (row) => row.bucket)) {
    point.clear();
    for (const [modelId, ofModel] of Map.groupBy(some, (row) => row.model_id)) {
      part.clear();
      for (const row of ofModel) part.add(row);
      point.addTally(part);
      if (!shown.has(modelId)) rest.addTally(part);
      if (!shown.has(modelId) && !changed.has(modelId)) continue;
      const model = models.get(modelId) ?? new CallTally();
      models.set(modelId, model);
      model.addTally(part);
    }
    total.addTally(point);
    if (bucket < buckets) points[bucket] = point.figures();
  }
  return { total, points, models, rest };
}

/** The models whose cost changed, the largest change first. */
function byChange(models: readonly Model[]): Model[] {
  const changeOf = ({ cost, costBefore }: Model) =>
    costBefore === undefined ? 0 : Math.abs(cost - costBefore);
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
