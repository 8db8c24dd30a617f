import type { Pool } from 'pg';
import { Type } from 'typebox';
import { listConfigs, readConfig } from '../../alerts/configs/alert-configs.ts';
import { type ConfigChanges, ruleFrom } from '../../alerts/configs/change-configs.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import { isStorable } from '../../plain-text.ts';
import { afterParameter, cursorOf, nextCursor, readCursor } from '../fields/page-cursor.ts';
import { limitParameter } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { shortText, uuidInPath } from '../fields/texts.ts';
import { auditRead } from '../shell/audit-reads.ts';
import { actorOf, orgOf, requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';
import { splitBody, withoutOwnFields } from './rule-body.ts';
import { AlertConfigSchema, NewRuleBody, orgOfQuery, RuleBody, ruleType, severity } from './rule-schema.ts';
import { etagOf, expectedVersion } from './rule-version.ts';
import { orgOfNewRule, scopeOf, scopeOfOrg } from './scope.ts';

const PATH = '/api/v1/analytics/alerts/configs';
const DEFAULT_LIMIT = 50;
const tags = ['Alerts'];

interface AlertConfigsOptions {
  pool: Pool;
  changes: ConfigChanges;
  audit: RecordAudit;
}

/** Alert rules: listed, added, read, changed and removed. */
export function registerAlertConfigsRoutes(server: Server, options: AlertConfigsOptions): void {
  server.get(PATH, listRoute, (request) => list(options, request));
  server.post(PATH, addRoute, (request, reply) => add(options, request, reply));
  server.get(`${PATH}/:id`, readRoute, (request, reply) => read(options, request, reply));
  server.put(`${PATH}/:id`, changeRoute, (request, reply) => change(options, request, reply));
  server.delete(`${PATH}/:id`, removeRoute, (request, reply) => remove(options, request, reply));
}

const listRoute = {
  config: { ...requires('alerts:read', 'query'), csv: { configs: { rows: 'configs' } } },
  schema: {
    tags,
    summary: 'List alert rules by name',
    querystring: Type.Object({
      orgId: orgOfQuery,
      metric: Type.Optional(Type.String({ maxLength: 100 })),
      type: Type.Optional(ruleType),
      severity: Type.Optional(severity),
      enabled: Type.Optional(Type.Boolean()),
      name: Type.Optional(shortText(120, 'Part of the name.')),
      limit: limitParameter(200, DEFAULT_LIMIT),
      after: afterParameter,
    }),
    response: { 200: Type.Object({ configs: Type.Array(AlertConfigSchema), next: nextCursor }) },
  },
};

async function list({ pool }: AlertConfigsOptions, request: RequestTo<typeof listRoute>) {
  const { orgId: _orgId, limit = DEFAULT_LIMIT, after, ...filters } = request.query;
  const end = after === undefined ? undefined : readCursor(after, isStorable);
  const scope = scopeOfOrg(orgOf(request));
  const wanted = { scope, ...filters, ...(end && { after: { name: end.place, id: end.id } }) };
  const { rows, next } = await readPage(
    limit,
    (most) => listConfigs(pool, { ...wanted, limit: most }),
    ({ name, id }) => cursorOf({ place: name, id }),
  );
  return { configs: rows, next };
}

const addRoute = {
  config: requires('alerts:write', 'none'),
  schema: {
    tags,
    summary: 'Add an alert rule',
    description:
      'Without `orgId`, an admin adds a rule over all orgs together. The rule is evaluated immediately.',
    body: NewRuleBody,
    response: { 201: AlertConfigSchema },
  },
};

async function add(
  { changes }: AlertConfigsOptions,
  request: RequestTo<typeof addRoute>,
  reply: ReplyTo<typeof addRoute>,
) {
  const { orgId: asked, ...rest } = request.body;
  const orgId = orgOfNewRule(actorOf(request), asked);
  const { fields, silencedUntil } = splitBody(rest);
  const rule = ruleFrom(fields, orgId);
  const made = await changes.add({ orgId, rule, silencedUntil }, callerOf(request));
  return reply.code(201).header('etag', etagOf(made)).header('location', `${PATH}/${made.id}`).send(made);
}

const readRoute = {
  config: requires('alerts:read', 'none'),
  schema: { tags, summary: 'Read an alert rule', params: uuidInPath, response: { 200: AlertConfigSchema } },
};

async function read(
  { pool, audit }: AlertConfigsOptions,
  request: RequestTo<typeof readRoute>,
  reply: ReplyTo<typeof readRoute>,
) {
  const found = await readConfig(pool, request.params.id, scopeOf(actorOf(request), 'alerts:read'));
  await auditRead(audit, request, found.orgId);
  return reply.header('etag', etagOf(found)).send(found);
}

const changeRoute = {
  config: requires('alerts:write', 'none'),
  schema: {
    tags,
    summary: 'Change an alert rule',
    description:
      'Send the whole rule: an absent field takes its default. A silence stays unless silencedUntil is sent. You may send back what GET gave; fields that the service ' +
      'sets (version, createdAt, openAlerts …) are ignored. With `If-Match`, the rule changes only if it still has that ETag. ' +
      'If the rule now watches something else, or is disabled, its open alerts end.',
    params: uuidInPath,
    body: RuleBody,
    response: { 200: AlertConfigSchema },
  },
};

async function change(
  { pool, changes }: AlertConfigsOptions,
  request: RequestTo<typeof changeRoute>,
  reply: ReplyTo<typeof changeRoute>,
) {
  const scope = scopeOf(actorOf(request), 'alerts:write');
  const before = await readConfig(pool, request.params.id, scope);
  const { fields, silencedUntil } = splitBody(withoutOwnFields(request.body, before));
  const wanted = {
    id: before.id,
    rule: ruleFrom(fields, before.orgId),
    silencedUntil,
    version: expectedVersion(request),
  };
  const after = await changes.update(scope, wanted, callerOf(request));
  return reply.header('etag', etagOf(after)).send(after);
}

const removeRoute = {
  config: requires('alerts:write', 'none'),
  schema: {
    tags,
    summary: 'Remove an alert rule',
    description: 'Its open alerts end; its history stays.',
    params: uuidInPath,
    response: { 204: Type.Null({ description: 'The rule has been removed.' }) },
  },
};

async function remove(
  { changes }: AlertConfigsOptions,
  request: RequestTo<typeof removeRoute>,
  reply: ReplyTo<typeof removeRoute>,
) {
  const scope = scopeOf(actorOf(request), 'alerts:write');
  const wanted = { id: request.params.id, version: expectedVersion(request) };
  await changes.remove(scope, wanted, callerOf(request));
  return reply.code(204).send(null);
}
