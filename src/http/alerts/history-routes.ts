import type { Pool } from 'pg';
import { Type } from 'typebox';
import { type AlertsWanted, listAlerts, workflows } from '../../alerts/history/alert-history.ts';
import { afterParameter, cursorOf, nextCursor, readCursor } from '../fields/page-cursor.ts';
import { limitParameter, readMillis } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { isIsoTime, moment } from '../fields/texts.ts';
import { orgOf, requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { AlertSchema } from './alert-schema.ts';
import { orgOfQuery, severity } from './rule-schema.ts';
import { scopeOfOrg } from './scope.ts';

const BASE = '/api/v1/analytics/alerts';
const DEFAULT_LIMIT = 50;
const config = { ...requires('alerts:read', 'query'), csv: { alerts: { rows: 'alerts' } } };
const tags = ['Alerts'];

const filters = {
  orgId: orgOfQuery,
  severity: Type.Optional(severity),
  metric: Type.Optional(Type.String({ maxLength: 100 })),
  configId: Type.Optional(Type.String({ format: 'uuid', description: 'Only alerts of this rule.' })),
  limit: limitParameter(200, DEFAULT_LIMIT),
  after: afterParameter,
};

const ListSchema = Type.Object({ alerts: Type.Array(AlertSchema), next: nextCursor });

interface AlertHistoryOptions {
  pool: Pool;
}

/** Lists of the alerts that have fired. */
export function registerAlertHistoryRoutes(server: Server, options: AlertHistoryOptions): void {
  server.get(`${BASE}/history`, historyRoute, (request) => listHistory(options, request));
  server.get(`${BASE}/active`, activeRoute, (request) => listActive(options, request));
}

const historyRoute = {
  config,
  schema: {
    tags,
    summary: 'List the alerts that have fired, the newest first',
    querystring: Type.Object({
      ...filters,
      workflow: Type.Optional(Type.Enum(workflows)),
      start: Type.Optional(moment('Only alerts that fired at this time or later.')),
      end: Type.Optional(moment('Only alerts that fired before this time.')),
    }),
    response: { 200: ListSchema },
  },
};

async function listHistory({ pool }: AlertHistoryOptions, request: RequestTo<typeof historyRoute>) {
  const { orgId: _orgId, workflow, start, end, after, limit = DEFAULT_LIMIT, ...others } = request.query;
  const wanted = {
    scope: scopeOfOrg(orgOf(request)),
    ...others,
    ...(workflow && { workflows: [workflow] }),
    ...(start !== undefined && { start: readMillis('start', start) }),
    ...(end !== undefined && { end: readMillis('end', end) }),
    limit,
  };
  return readAlertsPage(pool, wanted, after);
}

const activeRoute = {
  config,
  schema: {
    tags,
    summary: 'List the alerts that fire and that nobody has acknowledged',
    querystring: Type.Object({
      ...filters,
      acknowledged: Type.Optional(Type.Boolean({ description: 'true: acknowledged alerts too.' })),
    }),
    response: { 200: ListSchema },
  },
};

async function listActive({ pool }: AlertHistoryOptions, request: RequestTo<typeof activeRoute>) {
  const { orgId: _orgId, acknowledged = false, after, limit = DEFAULT_LIMIT, ...others } = request.query;
  const active = acknowledged ? (['open', 'acknowledged'] as const) : (['open'] as const);
  const wanted = { scope: scopeOfOrg(orgOf(request)), ...others, workflows: active, limit };
  return readAlertsPage(pool, wanted, after);
}

async function readAlertsPage(pool: Pool, wanted: AlertsWanted, after: string | undefined) {
  const end = after === undefined ? undefined : readCursor(after, isIsoTime);
  const from = end && { after: { triggeredAt: end.place, id: end.id } };
  const { rows, next } = await readPage(
    wanted.limit,
    (most) => listAlerts(pool, { ...wanted, ...from, limit: most }),
    ({ triggeredAt, id }) => cursorOf({ place: triggeredAt, id }),
  );
  return { alerts: rows, next };
}
