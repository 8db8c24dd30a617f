import { type Static, Type } from 'typebox';
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
import { orNull, textOrNull } from '../fields/nullable.ts';
import { moment, refuseParameter } from '../fields/query-parameters.ts';
import { actorOf, orgOf } from '../shell/authenticate.ts';
import { isNamed, weakTagOf } from '../shell/entity-tag.ts';
import type { Server } from '../shell/typed-server.ts';
import { adminQuery, compareQuery, readAdminQuestion } from './admin-query.ts';

const Query = Type.Object({
  ...adminQuery,
  ...compareQuery,
  sections: Type.Optional(
    Type.String({
      maxLength: 200,
      description: `Some of ${dashboardSections.join(', ')}, separated by commas; default all that the caller may see.`,
    }),
  ),
});

function section(path: string) {
  return Type.Optional(
    Type.Union([
      Type.Object({
        status: Type.Literal('ok'),
        storedAt: moment('When it was made.'),
        data: Type.Object({}, { additionalProperties: true, description: `What ${path} answers.` }),
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

const Summary = Type.Object({
  orgId: textOrNull('null: all orgs together.'),
  asOf: orNull(moment('As of when the oldest of its sections is; null when none could be had.')),
  storedAt: orNull(moment('When the oldest of its sections was made.')),
  ageSeconds: Type.Number({ description: 'Since then.' }),
  maxAgeSeconds: Type.Number({ description: 'How old a section may become before it is made anew.' }),
  sections: Type.Object({
    health: section('/health/overview'),
    ml: section('/ml/overview'),
    business: section('/business/overview'),
    alerts: section('nothing else'),
  }),
  failed: Type.Array(Type.Enum(dashboardSections), {
    description: 'Sections that could not be had in time.',
  }),
});

/** All of a dashboard in one call. */
export function registerDashboardRoutes(server: Server, source: DashboardSource): void {
  server.get(
    '/api/v1/analytics/dashboard/summary',
    {
      config: { access: { capability: 'dashboard:read', org: 'query' } },
      schema: {
        tags: ['Dashboard'],
        summary: 'Everything a dashboard begins with',
        description:
          'Sections side by side, each as its own endpoint answers it. A slow or failed one is marked and the rest is there. May be a minute old: `Age` and `ageSeconds` tell, and `If-None-Match` saves sending it again.',
        querystring: Query,
        response: {
          200: Summary,
          304: Type.Unsafe<undefined>({
            type: 'null',
            description: 'What If-None-Match names is still right.',
          }),
        },
      },
    },
    async (request, reply) => {
      const orgId = orgOf(request);
      const { query } = request;
      const sections = readSections(query, actorOf(request), orgId);
      const question = readAdminQuestion(query, orgId, source.clock.now());
      const compare = query.compare ?? 'previous';
      const rangeName = query.start === undefined ? (query.range ?? '24h') : undefined;
      const dashboard = await answerDashboard(source, { ...question, compare, sections, rangeName });

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
    },
  );
}

function ageOf({ storedAt }: Dashboard, now: number): number {
  return storedAt === null ? 0 : Math.max(0, now - Date.parse(storedAt)) / 1_000;
}

/** For the caller alone: who asks decides what is in it. What is not whole is not kept. */
function cacheControl({ failed }: Dashboard, age: number, maxAge: number): string {
  const fresh = failed.length > 0 ? 0 : Math.max(0, Math.floor(maxAge - age));
  // Counted from when the answer was made: `Age` is what has passed of it.
  return fresh === 0 ? 'private, no-cache' : `private, max-age=${maxAge}`;
}

/**
 * @throws {CodedError} `invalid_request` for a section there is not, `forbidden` for one the caller may not see
 */
function readSections(
  { sections: given }: Static<typeof Query>,
  actor: Actor,
  orgId: string,
): DashboardSection[] {
  const maySee = (name: DashboardSection) => mayIn(actor, sectionCapabilities[name], orgId);
  if (given === undefined) return dashboardSections.filter(maySee);
  const named = given.split(',').map((name) => name.trim());
  const unknown = named.filter((name) => !(dashboardSections as readonly string[]).includes(name));
  if (unknown.length > 0) {
    throw refuseParameter('sections', `must be some of ${dashboardSections.join(', ')}, separated by commas`);
  }
  const wanted = dashboardSections.filter((name) => named.includes(name));
  const refused = wanted.filter((name) => !maySee(name));
  if (refused.length === 0) return wanted;
  throw new CodedError('forbidden', `Your role does not see the section ${refused.join(', ')}.`, {
    faults: refused.map((name) => ({
      path: 'sections',
      message: `${name} needs a role that may ${sectionCapabilities[name]}`,
    })),
  });
}
