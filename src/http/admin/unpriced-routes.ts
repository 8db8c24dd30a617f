import { Type } from 'typebox';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { Prices } from '../../prices/current-prices.ts';
import { answerUnpriced, MOST_DAYS } from '../../queries/models/unpriced.ts';
import { textOrNull } from '../fields/nullable.ts';
import { nextCursor } from '../fields/page-cursor.ts';
import { limitParameter, orgParameter, refuseParameter } from '../fields/query-parameters.ts';
import { moment } from '../fields/texts.ts';
import type { FiguresOptions } from '../figures/figures-options.ts';
import { FreshnessSchema } from '../figures/freshness-schema.ts';
import { orgOf, requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';

const DEFAULT_LIMIT = 50;
const DEFAULT_DAYS = 30;

interface UnpricedOptions extends FiguresOptions {
  /** The current prices. */
  prices(): Promise<Prices>;
}

/** The models whose calls have no known cost. */
export function registerUnpricedRoutes(server: Server, options: UnpricedOptions): void {
  server.get('/api/v1/analytics/model-prices/unpriced', listRoute, (request) => list(options, request));
}

const listRoute = {
  config: {
    ...requires('usage:read', 'query'),
    csv: { models: { rows: 'models' }, totals: { rows: 'totals' } },
  },
  schema: {
    tags: ['Model prices'],
    summary: 'List the models whose calls have no known cost',
    description:
      'Counted from rollups, the model with the most such calls first. An admin sees all orgs together, others an own org. ' +
      'Set a price, then reprice: calls that are already counted keep their cost until then.',
    querystring: Type.Object({
      orgId: orgParameter('Only this org. Default: all orgs for an admin, for others their only org.'),
      days: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: MOST_DAYS,
          description: `Days before today (UTC) that are counted beside today. Default ${DEFAULT_DAYS}.`,
        }),
      ),
      limit: limitParameter(200, DEFAULT_LIMIT, 'Models'),
      after: Type.Optional(
        Type.String({
          maxLength: 10,
          description: '`next` of the previous page. Without it: the first page.',
        }),
      ),
    }),
    response: {
      200: Type.Object({
        orgId: textOrNull('The org that is counted; null: all orgs together.'),
        start: moment('Start of the first counted day.'),
        end: moment('End of the counted time.'),
        models: Type.Array(
          Type.Object({
            provider: textOrNull('The provider that the calls name; null: none.'),
            modelId: Type.String(),
            serviceTier: textOrNull('The service tier of the calls; null: none.'),
            unpricedInvocations: Type.Integer({ description: 'Calls whose cost is not known.' }),
            inputTokens: Type.Integer(),
            outputTokens: Type.Integer(),
            withoutUsage: Type.Integer({
              description:
                'Of these calls, those whose tokens are not known. Prices by tokens cannot price them.',
            }),
            since: moment('Start of the UTC day with the first such call; for today, of its minute or hour.'),
            lastAt: moment('When the last such call happened.'),
            hasPrice: Type.Boolean({
              description:
                'Whether a price was in force at the last such call. Repricing then prices the calls whose tokens are known.',
            }),
          }),
        ),
        totals: Type.Object({
          models: Type.Integer({ description: 'Models on all pages.' }),
          unpricedInvocations: Type.Integer({ description: 'Such calls of all of them.' }),
        }),
        next: nextCursor,
        freshness: FreshnessSchema,
      }),
    },
  },
};

async function list({ pool, clock, prices }: UnpricedOptions, request: RequestTo<typeof listRoute>) {
  const { days = DEFAULT_DAYS, limit = DEFAULT_LIMIT, after } = request.query;
  const orgId = orgOf(request);
  const offset = after === undefined ? 0 : readOffset(after);
  const [{ range, models, totals, freshness }, { calls }] = await Promise.all([
    answerUnpriced(pool, { orgId, days, offset, limit, now: clock.now() }),
    prices(),
  ]);
  const next = offset + models.length;
  return {
    orgId: orgId === ALL_ORGS ? null : orgId,
    ...range,
    models: models.map((model) => ({
      ...model,
      hasPrice: calls.inForce({ ...model, model: model.modelId, at: Date.parse(model.lastAt) }) !== undefined,
    })),
    totals,
    next: next < totals.models ? String(next) : null,
    freshness,
  };
}

function readOffset(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw refuseParameter('after', 'must be `next` of the previous page; leave it out for the first page');
}
