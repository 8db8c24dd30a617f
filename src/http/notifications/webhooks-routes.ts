import { Type } from 'typebox';
import {
  addWebhook,
  removeWebhook,
  type WebhookChangesOptions,
} from '../../notifications/channels/webhook/change-webhooks.ts';
import { listEndpoints } from '../../notifications/channels/webhook/webhook-endpoints.ts';
import { destinationKinds } from '../../notifications/notice/notice.ts';
import { textOrNull } from '../fields/nullable.ts';
import { orgParameter } from '../fields/query-parameters.ts';
import { moment } from '../fields/texts.ts';
import { orgOf, requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';

const PATH = '/api/v1/analytics/notifications/webhooks';
const config = requires('alerts:write', 'query');
const tags = ['Webhooks'];

const name = Type.String({
  pattern: '^(?!default$)[a-z0-9][a-z0-9_-]{0,63}$',
  'x-expected':
    'a name of at most 64 characters from a-z, 0-9, - and _ that begins with a letter or digit, and not default',
  description: 'Rules and preferences refer to the webhook by this name: a-z, 0-9, - and _, and not default.',
});
const url = Type.String({
  maxLength: 2_000,
  description: 'An https URL. Use http only inside your own network.',
});

const kind = Type.Optional(
  Type.Enum(destinationKinds, {
    description:
      'Default webhook, which gets signed JSON. For teams, url is the address of a workflow in Microsoft Teams. For discord it is ' +
      'that of a webhook in Discord. pagerduty takes Events API v2. It needs a routingKey.',
  }),
);
const routingKey = Type.Optional(
  Type.String({
    maxLength: 64,
    description: 'For pagerduty: the integration key of the service. No answer shows it.',
  }),
);

const listed = {
  orgId: Type.String({ description: 'The org, or "*" for alerts over all orgs.' }),
  name,
  kind: Type.Enum(destinationKinds),
  url: Type.String({ description: 'Of Teams and Discord only the beginning, because the rest is a secret.' }),
  createdAt: moment('When it was added.'),
  createdBy: Type.String(),
};

const OrgQuery = Type.Object({
  orgId: orgParameter(
    'The org of the webhook. Default: for an admin, alerts over all orgs; for others, their only org.',
  ),
});

/** Where signed webhooks are sent. The audit log records each change. */
export function registerWebhooksRoutes(server: Server, options: WebhookChangesOptions): void {
  server.get(PATH, listRoute, (request) => list(options, request));
  server.post(PATH, addRoute, (request, reply) => add(options, request, reply));
  server.delete(`${PATH}/:name`, removeRoute, (request, reply) => remove(options, request, reply));
}

const listRoute = {
  config,
  schema: {
    tags,
    summary: 'List webhooks',
    querystring: OrgQuery,
    response: { 200: Type.Object({ webhooks: Type.Array(Type.Object(listed)) }) },
  },
};

async function list({ pool }: WebhookChangesOptions, request: RequestTo<typeof listRoute>) {
  return { webhooks: await listEndpoints(pool, orgOf(request)) };
}

const addRoute = {
  config,
  schema: {
    tags,
    summary: 'Add a webhook, or a destination in PagerDuty, Teams or Discord',
    description:
      'Only this answer shows the secret. Receivers verify the signature as Standard Webhooks describes ' +
      '(https://www.standardwebhooks.com/). The service refuses private addresses now and at every delivery, unless ' +
      'OUTBOUND_ALLOW allows them. It does not follow redirects.',
    querystring: OrgQuery,
    body: Type.Object({ name, kind, url: Type.Optional(url), routingKey }, { additionalProperties: false }),
    response: {
      201: Type.Object({
        ...listed,
        secret: textOrNull('Signs the requests of a webhook; null for the other kinds.'),
      }),
    },
  },
};

async function add(
  options: WebhookChangesOptions,
  request: RequestTo<typeof addRoute>,
  reply: ReplyTo<typeof addRoute>,
) {
  const { kind: given = 'webhook', ...rest } = request.body;
  const wanted = { orgId: orgOf(request), kind: given, ...rest };
  const made = await addWebhook(options, wanted, callerOf(request));
  return reply.code(201).send(made);
}

const removeRoute = {
  config,
  schema: {
    tags,
    summary: 'Remove a webhook',
    params: Type.Object({ name }),
    querystring: OrgQuery,
    response: { 204: Type.Null() },
  },
};

async function remove(
  options: WebhookChangesOptions,
  request: RequestTo<typeof removeRoute>,
  reply: ReplyTo<typeof removeRoute>,
) {
  await removeWebhook(options, { orgId: orgOf(request), name: request.params.name }, callerOf(request));
  return reply.code(204).send(null);
}
