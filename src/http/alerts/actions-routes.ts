import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Act } from '../../alerts/decision/workflow.ts';
import { acknowledgeAlerts } from '../../alerts/history/acknowledge-alerts.ts';
import { type ActOptions, actOnAlert } from '../../alerts/history/act-on-alert.ts';
import { uuidInPath } from '../fields/texts.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { AlertSchema } from './alert-schema.ts';
import { scopeOf } from './scope.ts';

const BASE = '/api/v1/analytics/alerts';
const MAX_IDS = 200;
const config = requires('alerts:write', 'none');
const tags = ['Alerts'];

/** What people do with alerts: acknowledge, take an acknowledgement back, resolve. */
export function registerAlertActionsRoutes(server: Server, options: ActOptions): void {
  server.post(`${BASE}/:id/acknowledge`, acknowledgeRoute, (request) => act(options, 'acknowledge', request));
  server.post(`${BASE}/:id/unacknowledge`, unacknowledgeRoute, (request) =>
    act(options, 'unacknowledge', request),
  );
  server.post(`${BASE}/:id/resolve`, resolveRoute, (request) => act(options, 'resolve', request));
  server.post(`${BASE}/bulk-acknowledge`, bulkRoute, (request) => acknowledgeSeveral(options, request));
}

const note = Type.Optional(
  Type.String({ minLength: 1, maxLength: 2_000, description: 'For your colleagues.' }),
);

function actionRoute(summary: string, description: string) {
  return {
    config,
    // The note is the only field of the body, and optional, so the body is optional too.
    preValidation: async (request: FastifyRequest) => {
      request.body ??= {};
    },
    schema: {
      tags,
      summary,
      description,
      params: uuidInPath,
      body: Type.Object({ note }, { additionalProperties: false }),
      response: { 200: AlertSchema },
    },
  };
}

const acknowledgeRoute = actionRoute(
  'Acknowledge an alert',
  'Its notices no longer repeat, until it resolves or its severity rises.',
);
const unacknowledgeRoute = actionRoute(
  'Take an acknowledgement back',
  'Notices repeat again. The service also sends the ones that it held back because of the acknowledgement.',
);
const resolveRoute = actionRoute(
  'Resolve an alert',
  'If the value still breaks the rule after the cooldown, the alert fires again.',
);

async function act(options: ActOptions, name: Act, request: RequestTo<typeof acknowledgeRoute>) {
  const scope = scopeOf(actorOf(request), 'alerts:write');
  const by = { scope, note: request.body.note, caller: callerOf(request) };
  return actOnAlert(options, request.params.id, name, by);
}

const bulkRoute = {
  config,
  schema: {
    tags,
    summary: 'Acknowledge several alerts',
    description: 'Each alert by itself. The answer names the alerts that could not be acknowledged, and why.',
    body: Type.Object(
      {
        ids: Type.Array(Type.String({ format: 'uuid' }), { minItems: 1, maxItems: MAX_IDS }),
        note,
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object({
        acknowledged: Type.Array(Type.String()),
        failed: Type.Array(Type.Object({ id: Type.String(), code: Type.String(), detail: Type.String() })),
      }),
    },
  },
};

async function acknowledgeSeveral(options: ActOptions, request: RequestTo<typeof bulkRoute>) {
  const scope = scopeOf(actorOf(request), 'alerts:write');
  const { ids, note } = request.body;
  return acknowledgeAlerts(options, ids, { scope, note, caller: callerOf(request) });
}
