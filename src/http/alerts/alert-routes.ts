import type { Pool } from 'pg';
import { Type } from 'typebox';
import { listTransitions, readAlert } from '../../alerts/history/alert-history.ts';
import { explainAlert } from '../../alerts/history/explain-alert.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import { listDeliveries } from '../../notifications/outbox/deliveries.ts';
import { listInAppOfAlert } from '../../notifications/outbox/in-app.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { moment, shortText, uuidInPath } from '../fields/texts.ts';
import { auditRead } from '../shell/audit-reads.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { AlertSchema, alertProperties } from './alert-schema.ts';
import { scopeOf } from './scope.ts';

const PATH = '/api/v1/analytics/alerts/:id';
const MAX_DELIVERIES = 1_000;
const config = requires('alerts:read', 'none');
const tags = ['Alerts'];

interface AlertOptions {
  pool: Pool;
  audit: RecordAudit;
}

/** One alert: its history, and why it did what it did. */
export function registerAlertRoutes(server: Server, options: AlertOptions): void {
  server.get(PATH, readRoute, (request) => read(options, request));
  server.get(`${PATH}/explain`, explainRoute, (request) => explain(options, request));
}

const TransitionSchema = Type.Object({
  id: Type.String(),
  at: moment('When it happened.'),
  transition: Type.String(),
  reason: Type.String(),
  notice: textOrNull('The kind of notice that was sent.'),
  suppressedBy: textOrNull('Why no notice was sent.'),
  silence: textOrNull('The silence that kept it from being sent: its name, or its reason.'),
  value: numberOrNull(
    'The value that the notice told, or would have told: at that time, or when it last broke the rule.',
  ),
  actorId: textOrNull('The actor, if a person did it.'),
  note: textOrNull('The note of that actor.'),
});

const ToldSchema = Type.Object({
  channel: Type.String(),
  recipient: Type.String(),
  kind: Type.String(),
  status: Type.String(),
  sentAt: orNull(moment('When it was sent.')),
  failure: textOrNull('Why it was not sent, or not yet.'),
});

const readRoute = {
  config,
  schema: {
    tags,
    summary: 'Read an alert with its history and recipients',
    params: uuidInPath,
    response: {
      200: Type.Object({
        ...alertProperties,
        transitions: Type.Array(TransitionSchema),
        told: Type.Array(ToldSchema),
      }),
    },
  },
};

async function read({ pool, audit }: AlertOptions, request: RequestTo<typeof readRoute>) {
  const alert = await readAlert(pool, request.params.id, scopeOf(actorOf(request), 'alerts:read'));
  await auditRead(audit, request, alert.orgId);
  const transitions = await listTransitions(pool, alert.id);
  return { ...alert, transitions, told: await listTold(pool, alert.id) };
}

/** Everybody who was told of an alert, by message or inside the product. */
async function listTold(pool: Pool, alertId: string) {
  const deliveries = await listDeliveries(pool, { orgs: 'all', alertId, limit: MAX_DELIVERIES });
  const inApp = await listInAppOfAlert(pool, alertId);
  return [
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
  ];
}

const explainRoute = {
  config,
  schema: {
    tags,
    summary: 'Explain why an alert fired and resolved, and why somebody was told or not',
    params: uuidInPath,
    querystring: Type.Object({
      recipient: Type.Optional(shortText(300, "A user's id, an address, or the name of a destination.")),
    }),
    response: {
      200: Type.Object({
        alert: AlertSchema,
        timeline: Type.Array(
          Type.Object({
            at: moment('When it happened.'),
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
};

async function explain({ pool, audit }: AlertOptions, request: RequestTo<typeof explainRoute>) {
  const alert = await readAlert(pool, request.params.id, scopeOf(actorOf(request), 'alerts:read'));
  await auditRead(audit, request, alert.orgId);
  return explainAlert(pool, alert, request.query.recipient);
}
