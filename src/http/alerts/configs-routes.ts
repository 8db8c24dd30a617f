import type { FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { type Static, Type } from 'typebox';
import { type AlertConfig, listConfigs, ownFields, readConfig } from '../../alerts/configs/alert-configs.ts';
import { type ConfigChanges, ruleFrom } from '../../alerts/configs/change-configs.ts';
import { dimensionNamesOf, watchableMetrics } from '../../alerts/rules/metrics.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import { refuse, refuseField } from '../../errors.ts';
import { readTimestamp } from '../../events/field.ts';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import { afterParameter, cursorOf, readCursor } from '../fields/page-cursor.ts';
import { readPage } from '../fields/read-page.ts';
import { actorOf, orgOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { AlertConfigSchema, NewRuleBody, RuleBody, ruleType, severity } from './schemas.ts';
import { auditLookAt, callerOf, orgOfNewRule, scopeOf, scopeOfOrg } from './scope.ts';

const BASE = '/api/v1/analytics/alerts';
const tags = ['Alerts'];

const orgId = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 200,
    description: 'Only of this org. Without it: of all you may see.',
  }),
);
const Id = Type.Object({
  id: Type.String({ format: 'uuid', description: 'Of the config.' }),
});

function config(capability: 'alerts:read' | 'alerts:write', org: 'none' | 'query') {
  return { access: { capability, org } } as const;
}

function etagOf({ version }: { version: number }): string {
  return `"${version}"`;
}

/** The version that a change is meant for; `undefined` for whatever it is. */
function versionWanted(request: FastifyRequest): number | undefined {
  const given = request.headers['if-match'];
  if (given === undefined || given === '*') return undefined;
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(given)?.[1];
  if (version !== undefined) return Number(version);
  throw refuse('In the headers', [
    { path: 'If-Match', message: 'must be the ETag of the config, such as "3"' },
  ]);
}

/** Apart from the rule itself: when notices begin again. */
function splitBody(body: Static<typeof RuleBody>): {
  fields: Record<string, unknown>;
  silencedUntil: number | null;
} {
  const { silencedUntil, ...fields } = body;
  if (silencedUntil === undefined || silencedUntil === null) return { fields, silencedUntil: null };
  const read = readTimestamp(silencedUntil);
  if (typeof read === 'number') return { fields, silencedUntil: Math.floor(read / 1_000) };
  throw refuseField('$.silencedUntil', `must be ${read.expected}`);
}

/** A rule as GET gives it, without what the service sets by itself; a config stays the one it is, and of its org. */
function withoutOwnFields(body: Record<string, unknown>, config: AlertConfig): Record<string, unknown> {
  const { id = config.id, orgId = config.orgId } = body;
  if (id !== config.id) throw refuseField('$.id', `is ${JSON.stringify(config.id)} and stays`);
  if (orgId !== config.orgId) {
    throw refuseField(
      '$.orgId',
      `is ${JSON.stringify(config.orgId)} and stays; make another rule for another org`,
    );
  }
  const own: readonly string[] = ownFields;
  return Object.fromEntries(Object.entries(body).filter(([name]) => !own.includes(name)));
}

/** Whether PostgreSQL can compare names with it. */
function isStorable(name: string): boolean {
  return !name.includes('\0') && name.isWellFormed();
}

interface AlertConfigsOptions {
  pool: Pool;
  changes: ConfigChanges;
  audit: RecordAudit;
}

/** Alert rules: listed, made, changed, removed, carried over; and what can be watched. */
export function registerAlertConfigsRoutes(
  server: Server,
  { pool, changes, audit }: AlertConfigsOptions,
): void {
  server.get(
    `${BASE}/metrics`,
    {
      config: config('alerts:read', 'none'),
      schema: {
        tags,
        summary: 'List what can be watched',
        response: {
          200: Type.Object({
            metrics: Type.Array(
              Type.Object({
                name: Type.String(),
                about: Type.String(),
                unit: Type.String({ description: 'What a threshold is a number of.' }),
                min: numberOrNull(),
                max: numberOrNull(),
                dimensions: Type.Array(Type.String(), { description: 'For filters and groupBy.' }),
              }),
            ),
          }),
        },
      },
    },
    async () => ({
      metrics: [...watchableMetrics.values()].map((metric) => ({
        name: metric.name,
        about: metric.about,
        unit: metric.unit,
        min: metric.min,
        max: metric.max,
        dimensions: dimensionNamesOf(metric),
      })),
    }),
  );

  server.get(
    `${BASE}/configs`,
    {
      config: config('alerts:read', 'query'),
      schema: {
        tags,
        summary: 'List alert rules, by name',
        querystring: Type.Object({
          orgId,
          metric: Type.Optional(Type.String({ maxLength: 100 })),
          type: Type.Optional(ruleType),
          severity: Type.Optional(severity),
          enabled: Type.Optional(Type.Boolean()),
          name: Type.Optional(
            Type.String({ minLength: 1, maxLength: 120, description: 'Part of the name.' }),
          ),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: 'Default 50.' })),
          after: afterParameter,
        }),
        response: {
          200: Type.Object({
            configs: Type.Array(AlertConfigSchema),
            next: textOrNull('For the next page; null on the last.'),
          }),
        },
      },
    },
    async (request) => {
      const { orgId: _orgId, limit = 50, after, ...filters } = request.query;
      const end = after === undefined ? undefined : readCursor(after, isStorable);
      const scope = scopeOfOrg(orgOf(request));
      const wanted = { scope, ...filters, ...(end && { after: { name: end.place, id: end.id } }) };
      const { rows, next } = await readPage(
        limit,
        (most) => listConfigs(pool, { ...wanted, limit: most }),
        ({ name, id }) => cursorOf({ place: name, id }),
      );
      return { configs: rows, next };
    },
  );

  server.post(
    `${BASE}/configs`,
    {
      config: config('alerts:write', 'none'),
      schema: {
        tags,
        summary: 'Make an alert rule',
        description: 'Without orgId an admin makes a rule over all orgs together. It is evaluated at once.',
        body: NewRuleBody,
        response: { 201: AlertConfigSchema },
      },
    },
    async (request, reply) => {
      const { orgId: asked, ...rest } = request.body;
      const org = orgOfNewRule(actorOf(request), asked);
      const { fields, silencedUntil } = splitBody(rest);
      const rule = ruleFrom(fields, org);
      const made = await changes.add({ orgId: org, rule, silencedUntil }, callerOf(request));
      return reply
        .code(201)
        .header('etag', etagOf(made))
        .header('location', `${BASE}/configs/${made.id}`)
        .send(made);
    },
  );

  server.get(
    `${BASE}/configs/:id`,
    {
      config: config('alerts:read', 'none'),
      schema: { tags, summary: 'One alert rule', params: Id, response: { 200: AlertConfigSchema } },
    },
    async (request, reply) => {
      const found = await readConfig(pool, request.params.id, scopeOf(actorOf(request), 'alerts:read'));
      await auditLookAt(audit, request, found.orgId);
      return reply.header('etag', etagOf(found)).send(found);
    },
  );

  server.put(
    `${BASE}/configs/:id`,
    {
      config: config('alerts:write', 'none'),
      schema: {
        tags,
        summary: 'Change an alert rule',
        description:
          'The whole rule: what is absent takes its default. What GET gives may be sent back; of that, what the ' +
          'service sets by itself (version, createdAt, openAlerts …) is passed over. With If-Match it is changed only if it still has that ' +
          'ETag. Where it now watches something else, or is disabled, its open alerts end.',
        params: Id,
        body: RuleBody,
        response: { 200: AlertConfigSchema },
      },
    },
    async (request, reply) => {
      const scope = scopeOf(actorOf(request), 'alerts:write');
      const config = await readConfig(pool, request.params.id, scope);
      const { fields, silencedUntil } = splitBody(withoutOwnFields(request.body, config));
      const wanted = {
        id: config.id,
        rule: ruleFrom(fields, config.orgId),
        silencedUntil,
        version: versionWanted(request),
      };
      const after = await changes.update(scope, wanted, callerOf(request));
      return reply.header('etag', etagOf(after)).send(after);
    },
  );

  server.delete(
    `${BASE}/configs/:id`,
    {
      config: config('alerts:write', 'none'),
      schema: {
        tags,
        summary: 'Remove an alert rule',
        description: 'Its open alerts end; its history stays.',
        params: Id,
        response: { 204: Type.Null({ description: 'It is gone.' }) },
      },
    },
    async (request, reply) => {
      const scope = scopeOf(actorOf(request), 'alerts:write');
      const { id } = request.params;
      await changes.remove(scope, { id, version: versionWanted(request) }, callerOf(request));
      return reply.code(204).send(null);
    },
  );
}
