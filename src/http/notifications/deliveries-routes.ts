import type { Pool } from 'pg';
import { Type } from 'typebox';
import { channelNames, severities } from '../../notifications/notice/notice.ts';
import { deliveryStatuses, listDeliveries } from '../../notifications/outbox/deliveries.ts';
import { replayDelivery } from '../../notifications/outbox/replay-delivery.ts';
import type { Clock } from '../../time.ts';
import { orNull, textOrNull } from '../fields/nullable.ts';
import { limitParameter } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { moment } from '../fields/texts.ts';
import { orgsOf, requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';
import { noticeId, orgWanted } from './notice-schema.ts';

const PATH = '/api/v1/analytics/notifications/deliveries';
const DEFAULT_LIMIT = 100;
const tags = ['Notifications'];

const DeliverySchema = Type.Object({
  id: noticeId,
  alertId: textOrNull(),
  orgId: orNull(Type.String({ description: 'The org of the rule; null for a rule over all orgs.' })),
  kind: Type.String(),
  channel: Type.Enum(channelNames),
  recipient: Type.String(),
  severity: Type.Enum(severities),
  status: Type.Enum(deliveryStatuses, {
    description:
      'waiting: for its time, or the next attempt. leased: being sent. sent: taken by the provider. dead: given up. ' +
      'cancelled: no longer needed. expanded: replaced by one message per recipient.',
  }),
  attempts: Type.Integer(),
  ambiguous: Type.Boolean({
    description: 'The outcome of an attempt is unknown: the message may have arrived, or arrived twice.',
  }),
  failure: orNull(
    Type.String({ description: "The provider's reason for the failure, or why the message is held back." }),
  ),
  providerId: orNull(Type.String({ description: "The provider's id of the message." })),
  detectedAt: moment('When the problem was found.'),
  notBefore: moment('The earliest time to send it.'),
  sentAt: orNull(moment('When the provider took it.')),
  diedAt: orNull(moment('When the service gave up.')),
  standsInFor: orNull(Type.String({ description: 'The failed message that this one replaces.' })),
});

interface DeliveriesOptions {
  pool: Pool;
  clock: Clock;
}

/** What became of each notice, and sending dead ones again. */
export function registerDeliveriesRoutes(server: Server, options: DeliveriesOptions): void {
  server.get(PATH, listRoute, (request) => list(options, request));
  server.post(`${PATH}/:id/replay`, replayRoute, (request, reply) => replay(options, request, reply));
}

const listRoute = {
  config: requires('alerts:read', 'optional'),
  schema: {
    tags,
    summary: 'List deliveries of notices',
    description: 'The newest first. Follow `next` for older ones.',
    querystring: Type.Object({
      orgId: orgWanted,
      status: Type.Optional(Type.Enum(deliveryStatuses)),
      channel: Type.Optional(Type.Enum(channelNames)),
      alertId: Type.Optional(Type.String({ format: 'uuid' })),
      before: Type.Optional(noticeId),
      limit: limitParameter(500, DEFAULT_LIMIT),
    }),
    response: { 200: Type.Object({ deliveries: Type.Array(DeliverySchema), next: textOrNull() }) },
  },
};

async function list({ pool }: DeliveriesOptions, request: RequestTo<typeof listRoute>) {
  const { orgId: _orgId, limit = DEFAULT_LIMIT, ...filters } = request.query;
  const orgs = orgsOf(request, 'alerts:read');
  const { rows, next } = await readPage(
    limit,
    (most) => listDeliveries(pool, { ...filters, orgs, limit: most }),
    (last) => last.id,
  );
  return { deliveries: rows, next };
}

const replayRoute = {
  config: requires('alerts:write', 'none'),
  schema: {
    tags,
    summary: 'Send a dead notice again',
    params: Type.Object({ id: noticeId }),
    response: { 202: Type.Object({ id: noticeId }) },
  },
};

async function replay(
  options: DeliveriesOptions,
  request: RequestTo<typeof replayRoute>,
  reply: ReplyTo<typeof replayRoute>,
) {
  const { id } = request.params;
  await replayDelivery(options, id, callerOf(request));
  return reply.code(202).send({ id });
}
