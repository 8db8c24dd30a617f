import type { Pool } from 'pg';
import { Type } from 'typebox';
import {
  type AlertsWanted,
  listAlerts,
  listTransitions,
  readAlert,
  workflows,
} from '../../alerts/history/alert-history.ts';
import { explainAlert } from '../../alerts/history/explain-alert.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import { listDeliveries } from '../../notifications/outbox/deliveries.ts';
import { listInAppOfAlert } from '../../notifications/outbox/in-app.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { afterParameter, cursorOf, readCursor } from '../fields/page-cursor.ts';
import { moment, readMillis } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { actorOf, orgOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { AlertSchema, alertProperties } from './record-schema.ts';
import { severity } from './schemas.ts';
import { auditLookAt, scopeOf, scopeOfOrg } from './scope.ts';

const BASE = '/api/v1/analytics/alerts';
const tags = ['Alerts'];

const listQuery = {
  orgId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Only of this org. Without it: of all you may see.',
    }),
  ),
  severity: Type.Optional(severity),
  metric: Type.Optional(Type.String({ maxLength: 100 })),
  configId: Type.Optional(Type.String({ format: 'uuid', description: 'Only of this rule.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: 'Default 50.' })),
  after: afterParameter,
};

const ListSchema = Type.Object({
  alerts: Type.Array(AlertSchema),
  next: textOrNull('For the next page; null on the last.'),
});

const Id = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** Whether it is a moment as an alert has it. */
function isMoment(text: string): boolean {
  const millis = Date.parse(text);
  return !Number.isNaN(millis) && new Date(millis).toISOString() === text;
}

interface AlertHistoryOptions {
  pool: Pool;
  audit: RecordAudit;
}

/** Alerts that have fired: listed and explained. */
export function registerAlertHistoryRoutes(server: Server, { pool, audit }: AlertHistoryOptions): void {
  const page = async ({ after, ...wanted }: Omit<AlertsWanted, 'after'> & { after?: string }) => {
    const end = after === undefined ? undefined : readCursor(after, isMoment);
    const from = end && { after: { triggeredAt: end.place, id: end.id } };
    const { rows, next } = await readPage(
      wanted.limit,
      (most) => listAlerts(pool, { ...wanted, ...from, limit: most }),
      ({ triggeredAt, id }) => cursorOf({ place: triggeredAt, id }),
    );
    return { alerts: rows, next };
  };

  server.get(
    `${BASE}/history`,
    {
      config: { access: { capability: 'alerts:read', org: 'query' } },
      schema: {
        tags,
        summary: 'Alerts that have fired, the newest first',
        querystring: Type.Object({
          ...listQuery,
          workflow: Type.Optional(Type.Enum(workflows)),
          start: Type.Optional(moment('Those that fired from then on.')),
          end: Type.Optional(moment('Those that fired before.')),
        }),
        response: { 200: ListSchema },
      },
    },
    async (request) => {
      const { orgId: _orgId, workflow, start, end, limit = 50, ...filters } = request.query;
      return page({
        scope: scopeOfOrg(orgOf(request)),
        ...filters,
        ...(workflow && { workflows: [workflow] }),
        ...(start !== undefined && { start: readMillis('start', start) }),
        ...(end !== undefined && { end: readMillis('end', end) }),
        limit,
      });
    },
  );

  server.get(
    `${BASE}/active`,
    {
      config: { access: { capability: 'alerts:read', org: 'query' } },
      schema: {
        tags,
        summary: 'Alerts that fire and that nobody has acknowledged',
        querystring: Type.Object({
          ...listQuery,
          acknowledged: Type.Optional(Type.Boolean({ description: 'Also those that are acknowledged.' })),
        }),
        response: { 200: ListSchema },
      },
    },
    async (request) => {
      const { orgId: _orgId, acknowledged = false, limit = 50, ...filters } = request.query;
      const active = acknowledged ? (['open', 'acknowledged'] as const) : (['open'] as const);
      return page({ scope: scopeOfOrg(orgOf(request)), ...filters, workflows: active, limit });
    },
  );

  server.get(
    `${BASE}/:id`,
    {
      config: { access: { capability: 'alerts:read', org: 'none' } },
      schema: {
        tags,
        summary: 'One alert, with all that happened and who was told',
        params: Id,
        response: {
          200: Type.Object({
            ...alertProperties,
            transitions: Type.Array(
              Type.Object({
                id: Type.String(),
                at: moment('When.'),
                transition: Type.String(),
                reason: Type.String(),
                notice: textOrNull('What people were told.'),
                suppressedBy: textOrNull('What kept them from being told.'),
                value: numberOrNull(
                  'What was told, or would have been: at that time, or when it was last wrong.',
                ),
                actorId: textOrNull('Who did it, if a person did.'),
                note: textOrNull('What they said.'),
              }),
            ),
            told: Type.Array(
              Type.Object({
                channel: Type.String(),
                recipient: Type.String(),
                kind: Type.String(),
                status: Type.String(),
                sentAt: textOrNull('When it was sent.'),
                failure: textOrNull('Why not, or not yet.'),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const alert = await readAlert(pool, request.params.id, scopeOf(actorOf(request), 'alerts:read'));
      await auditLookAt(audit, request, alert.orgId);
      const deliveries = await listDeliveries(pool, { orgs: 'all', alertId: alert.id, limit: 1_000 });
      const inApp = await listInAppOfAlert(pool, alert.id);
      return {
        ...alert,
        transitions: await listTransitions(pool, alert.id),
        told: [
          ...deliveries.map(({ channel, recipient, kind, status, sentAt, failure }) => ({
            channel,
            recipient,
            kind,
            status,
            sentAt,
            failure,
          })),
          ...inApp.map(({ recipient, kind, at }) => ({
            channel: 'in_app',
            recipient,
            kind,
            status: 'sent',
            sentAt: at,
            failure: null,
          })),
        ],
      };
    },
  );

  server.get(
    `${BASE}/:id/explain`,
    {
      config: { access: { capability: 'alerts:read', org: 'none' } },
      schema: {
        tags,
        summary: 'Why an alert came and went, and why somebody was or was not told',
        params: Id,
        querystring: Type.Object({
          recipient: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 300,
              description: "A user's id, an address or a destination.",
            }),
          ),
        }),
        response: {
          200: Type.Object({
            alert: AlertSchema,
            timeline: Type.Array(
              Type.Object({
                at: moment('When.'),
                transition: Type.String(),
                because: Type.String(),
                notice: Type.String(),
                deliveries: Type.Array(Type.String()),
              }),
            ),
            person: orNull(
              Type.Object({
                recipient: Type.String(),
                told: Type.Boolean(),
                because: Type.Array(Type.String()),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const alert = await readAlert(pool, request.params.id, scopeOf(actorOf(request), 'alerts:read'));
      await auditLookAt(audit, request, alert.orgId);
      return explainAlert(pool, alert, request.query.recipient);
    },
  );
}
