import { type Static, type TSchema, Type } from 'typebox';
import { type Actor, mayIn } from '../../auth/actor.ts';
import { CodedError, type ErrorCode, errorTable } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import {
  answerDashboard,
  type Dashboard,
  type DashboardSection,
  type DashboardSource,
  dashboardSections,
  sectionCapabilities,
} from '../../queries/dashboard/dashboard.ts';
import { type UsageOverview, withoutReliability } from '../../queries/models/overview.ts';
import { orNull } from '../fields/nullable.ts';
import { refuseParameter } from '../fields/query-parameters.ts';
import { moment, orgOrAll } from '../fields/texts.ts';
import { actorOf, orgOf, requires } from '../shell/authenticate.ts';
import { isNamed, weakTagOf } from '../shell/entity-tag.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';
import { adminQuery, compareQuery, DEFAULT_RANGE, readAdminQuestion } from './admin-query.ts';
import { UsageOverviewSchema } from './usage-overview-schema.ts';

/** Other names that callers use for sections. */
const sectionAliases: Readonly<Record<string, DashboardSection>> = {
  system_health: 'health',
  ml_pipelines: 'ml',
  active_alerts: 'alerts',
};

/** All of a dashboard in one call. */
export function registerDashboardRoutes(server: Server, source: DashboardSource): void {
  server.get('/api/v1/analytics/dashboard/summary', summaryRoute, (request, reply) =>
    summary(source, request, reply),
  );
}

const SummaryQuery = Type.Object({
  ...adminQuery,
  ...compareQuery,
  sections: Type.Optional(
    Type.String({
      maxLength: 200,
      description:
        `Some of ${dashboardSections.join(', ')}, separated by commas. Default: all that the caller may see. ` +
        `${Object.keys(sectionAliases).join(', ')} are accepted too, and name the same sections.`,
    }),
  ),
});

function section(data: TSchema) {
  return Type.Optional(
    Type.Union([
      Type.Object({
        status: Type.Literal('ok'),
        storedAt: moment('When the section was computed.'),
        data,
      }),
      Type.Object({
        status: Type.Literal('failed'),
        error: Type.Object({
          code: Type.Enum(Object.keys(errorTable) as ErrorCode[]),
          detail: Type.String(),
        }),
      }),
    ]),
  );
}

function answerOf(description: string) {
  return section(Type.Object({}, { additionalProperties: true, description }));
}

const SummarySchema = Type.Object({
  orgId: orgOrAll,
  asOf: orNull(moment('`asOf` of the oldest section; null if every section failed.')),
  storedAt: orNull(moment('When the oldest section was computed.')),
  ageSeconds: Type.Number({ description: 'Time since `storedAt`.' }),
  maxAgeSeconds: Type.Number({ description: 'A section that is older is computed again.' }),
  sections: Type.Object({
    usage: section(UsageOverviewSchema),
    health: answerOf('The answer of /health/overview.'),
    ml: answerOf('The answer of /ml/overview.'),
    business: answerOf('The answer of /business/overview.'),
    alerts: answerOf('Only the summary has this section.'),
  }),
  failed: Type.Array(Type.Enum(dashboardSections), {
    description: 'Sections that failed, or were not ready in time.',
  }),
});

const summaryRoute = {
  config: requires('dashboard:read', 'query'),
  schema: {
    tags: ['Dashboard'],
    summary: 'All figures of the first page of a dashboard',
    description:
      'The sections are computed in parallel; each has the answer of its own endpoint. A section that is slow or fails is ' +
      'marked, and the others are complete. The answer can be a minute old: see `Age` and `ageSeconds`. With `If-None-Match` ' +
      'an unchanged answer is not sent again.',
    querystring: SummaryQuery,
    response: {
      200: SummarySchema,
      304: Type.Unsafe<undefined>({
        type: 'null',
        description: 'The answer that If-None-Match names is still current.',
      }),
    },
  },
};

async function summary(
  source: DashboardSource,
  request: RequestTo<typeof summaryRoute>,
  reply: ReplyTo<typeof summaryRoute>,
) {
  const orgId = orgOf(request);
  const { query } = request;
  const sections = readSections(query, actorOf(request), orgId);
  const question = readAdminQuestion(query, orgId, source.clock.now());
  const compare = query.compare ?? 'previous';
  const rangeName = query.start === undefined ? (query.range ?? DEFAULT_RANGE) : undefined;
  const computed = await answerDashboard(source, { ...question, compare, sections, rangeName });
  const mayReadReliability = mayIn(actorOf(request), 'reliability:read', orgId);
  const dashboard = mayReadReliability ? computed : hideReliability(computed);

  const answer = {
    orgId: orgId === ALL_ORGS ? null : orgId,
    ...dashboard,
    maxAgeSeconds: source.ttl / 1_000,
  };
  const tag = weakTagOf(answer);
  const age = ageOf(dashboard, source.clock.now());
  reply.headers({
    etag: tag,
    age: Math.floor(age),
    'cache-control': cacheControl(dashboard, age, answer.maxAgeSeconds),
    vary: 'Authorization, X-API-Key',
  });
  if (isNamed(tag, request.headers['if-none-match'])) return reply.code(304).send(undefined);
  return { ...answer, ageSeconds: age };
}

/** The error rate and latency of model calls are in the section of their cost, which more callers may see. */
function hideReliability(dashboard: Dashboard): Dashboard {
  const { usage } = dashboard.sections;
  if (usage?.status !== 'ok') return dashboard;
  const data = withoutReliability(usage.data as UsageOverview);
  return { ...dashboard, sections: { ...dashboard.sections, usage: { ...usage, data } } };
}

function ageOf({ storedAt }: Dashboard, now: number): number {
  return storedAt === null ? 0 : Math.max(0, now - Date.parse(storedAt)) / 1_000;
}

/** `private`, because the caller's role decides the content. An answer with a failed section is not cached. */
function cacheControl({ failed }: Dashboard, age: number, maxAge: number): string {
  const fresh = failed.length > 0 ? 0 : Math.max(0, Math.floor(maxAge - age));
  // A cache subtracts `Age` from max-age by itself, so max-age is the whole lifetime.
  return fresh === 0 ? 'private, no-cache' : `private, max-age=${maxAge}`;
}

/**
 * @throws {CodedError} `invalid_request` for an unknown section, `forbidden` for one that the caller may not see
 */
function readSections(
  { sections: given }: Static<typeof SummaryQuery>,
  actor: Actor,
  orgId: string,
): DashboardSection[] {
  const maySee = (name: DashboardSection) => mayIn(actor, sectionCapabilities[name], orgId);
  if (given === undefined) return dashboardSections.filter(maySee);
  const named = given
    .split(',')
    .map((name) => name.trim())
    .map((name) => (Object.hasOwn(sectionAliases, name) ? (sectionAliases[name] ?? name) : name));
  const unknown = named.filter((name) => !(dashboardSections as readonly string[]).includes(name));
  if (unknown.length > 0) {
    throw refuseParameter('sections', `must be some of ${dashboardSections.join(', ')}, separated by commas`);
  }
  const wanted = dashboardSections.filter((name) => named.includes(name));
  const refused = wanted.filter((name) => !maySee(name));
  if (refused.length === 0) return wanted;
  throw new CodedError('forbidden', `Your role may not see these sections: ${refused.join(', ')}.`, {
    faults: refused.map((name) => ({
      path: 'sections',
      message: `${name} needs a role with the capability ${sectionCapabilities[name]}`,
    })),
  });
}
