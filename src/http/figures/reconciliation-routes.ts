import { Type } from 'typebox';
import { decimalText } from '../../decimal.ts';
import { CodedError } from '../../errors.ts';
import { COST_SCALE } from '../../events/field.ts';
import { orgFreshness } from '../../queries/reading/freshness.ts';
import type { FreshnessCache } from '../../queries/reading/freshness-cache.ts';
import type { BookTotals } from '../../rollups/books/measures.ts';
import { bucketEnd, bucketStart, grainNamed } from '../../rollups/grains.ts';
import { type ComparedDay, differingColumns, reconcileDays } from '../../rollups/reconcile/days.ts';
import { DAY } from '../../time.ts';
import { readMillis, refuseParameter } from '../fields/query-parameters.ts';
import { asOfEveryEvent, moment } from '../fields/texts.ts';
import { requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import type { FiguresOptions } from './figures-options.ts';
import { registerLastReconciliationRoutes } from './last-reconciliation-routes.ts';
import { OrgParams } from './query-schema.ts';

interface ReconciliationOptions extends FiguresOptions {
  freshnessCache: FreshnessCache;
}

const day = grainNamed('day');
const DEFAULT_DAYS = 30;
/** 13 months, as long as they can be. */
const MOST_DAYS = 397;

const totals = Type.Object({
  events: Type.Integer(),
  failed: Type.Integer({ description: 'Events whose status is a failure of their type.' }),
  unpriced: Type.Integer({ description: 'Events of a type with costs whose cost is not known.' }),
  inputTokens: Type.Integer(),
  cachedInputTokens: Type.Integer(),
  outputTokens: Type.Integer(),
  costDollars: Type.String({ description: 'Exact dollars, with six decimals.' }),
});

const reconciliationRoute = {
  config: requires('usage:read', 'param'),
  schema: {
    tags: ['Org analytics'],
    summary: 'Rollups beside raw events, day by day',
    description:
      'Compares the rollups of each UTC day with its raw events. Once retention has removed these, it compares with the ' +
      'totals that were booked of them before. Events that wait for their roll-up are on neither side.',
    params: OrgParams,
    querystring: Type.Object({
      start: Type.Optional(
        moment(
          `Start of the range, widened to whole UTC days. Default: ${DEFAULT_DAYS} days before the end.`,
        ),
      ),
      end: Type.Optional(moment('End of the range, which is not part of it. Default: the end of today.')),
    }),
    response: {
      200: Type.Object({
        orgId: Type.String(),
        start: moment('Start of the first compared day.'),
        end: moment('End of the last compared day.'),
        asOf: asOfEveryEvent,
        reconciles: Type.Boolean({ description: 'Whether no number differs.' }),
        days: Type.Array(
          Type.Object({
            day: moment('Start of the UTC day.'),
            type: Type.String({ description: 'Type of the events.' }),
            source: Type.Enum(['raw', 'book', 'unknown'] as const, {
              description:
                'raw: the raw events are kept. book: they were removed, and their totals come from the book. unknown: a ' +
                'version without books removed them, so nothing is compared.',
            }),
            raw: totals,
            rollups: totals,
            difference: totals,
            differs: Type.Array(Type.String(), {
              description: 'The numbers that differ; empty if none does.',
            }),
          }),
          { description: 'Days and types with events, in order.' },
        ),
      }),
    },
  },
};

/** The days of one org: raw events or books beside rollups. */
export function registerReconciliationRoutes(server: Server, options: ReconciliationOptions): void {
  server.get('/analytics/v1/orgs/:orgId/reconciliation', reconciliationRoute, (request) =>
    reconciliation(options, request),
  );
  registerLastReconciliationRoutes(server, options);
}

async function reconciliation(
  { pool, clock, freshnessCache }: ReconciliationOptions,
  { params: { orgId }, query }: RequestTo<typeof reconciliationRoute>,
) {
  const { from, to } = readDays(query, clock.now());
  const { asOf } = await orgFreshness(pool, freshnessCache, orgId, { limit: 1 });
  const days = (await reconcileDays(pool, { orgId, from, to })).map(shown);
  return {
    orgId,
    start: from.toISOString(),
    end: to.toISOString(),
    asOf,
    reconciles: days.every(({ differs }) => differs.length === 0),
    days,
  };
}

function readDays(query: { start?: string; end?: string }, now: number): { from: Date; to: Date } {
  const to = bucketEnd(day, query.end === undefined ? now + 1 : readMillis('end', query.end));
  const from =
    query.start === undefined ? to - DEFAULT_DAYS * DAY : bucketStart(day, readMillis('start', query.start));
  if (from >= to) throw refuseParameter('start', `must be before the end, ${new Date(to).toISOString()}`);
  if (to - from > MOST_DAYS * DAY)
    throw refuseParameter('start', `must be at most ${MOST_DAYS} days before the end`);
  const kept = now - day.keep;
  if (from < kept) {
    const message = `must be ${new Date(bucketEnd(day, kept)).toISOString()} or later: rollups of earlier days are not kept`;
    throw new CodedError('range_not_kept', `In the query: start ${message}.`, {
      faults: [{ path: 'start', message }],
    });
  }
  return { from: new Date(from), to: new Date(to) };
}

function shown(compared: ComparedDay) {
  const { raw, rollups, source } = compared;
  const nothing = source === 'unknown';
  return {
    day: compared.day.toISOString(),
    type: compared.type,
    source,
    raw: totalsShown(raw),
    rollups: totalsShown(rollups),
    difference: totalsShown(nothing ? differenceOf(raw, raw) : differenceOf(rollups, raw)),
    differs: differingColumns(compared).map((column) => shownNames[column]),
  };
}

const shownNames: Record<keyof BookTotals, string> = {
  events: 'events',
  failed: 'failed',
  unpriced: 'unpriced',
  value: 'value',
  input_tokens: 'inputTokens',
  cached_input_tokens: 'cachedInputTokens',
  output_tokens: 'outputTokens',
  cost: 'costDollars',
};

function differenceOf(a: BookTotals, b: BookTotals): BookTotals {
  return Object.fromEntries(
    Object.entries(a).map(([column, number]) => [column, number - b[column as keyof BookTotals]]),
  ) as BookTotals;
}

function totalsShown({ events, failed, unpriced, cost, ...tokens }: BookTotals) {
  return {
    events: Number(events),
    failed: Number(failed),
    unpriced: Number(unpriced),
    inputTokens: Number(tokens.input_tokens),
    cachedInputTokens: Number(tokens.cached_input_tokens),
    outputTokens: Number(tokens.output_tokens),
    costDollars: decimalText(cost, COST_SCALE),
  };
}
