import type { Pool } from 'pg';
import { Type } from 'typebox';
import { orgsIn } from '../../auth/actor.ts';
import { type RecordAudit, recordAudits } from '../../auth/audit.ts';
import { withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { Channel } from '../../notifications/channels/channel.ts';
import { type ChannelName, channelNames, severities } from '../../notifications/notice/notice.ts';
import { deliveryStatuses, listDeliveries } from '../../notifications/outbox/deliveries.ts';
import { replayDead } from '../../notifications/outbox/outbox.ts';
import { sendTrial } from '../../notifications/outbox/send-trial.ts';
import type { Clock } from '../../time.ts';
import { orNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { actorOf, orgOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { noticeId } from './notice-schema.ts';

const PATH = '/api/v1/analytics/notifications';

const DeliverySchema = Type.Object({
  id: noticeId,
  alertId: orNull(Type.String()),
  orgId: orNull(Type.String({ description: 'Of the rule; null: of one over all orgs.' })),
  kind: Type.String(),
  channel: Type.Enum(channelNames),
  recipient: Type.String(),
  severity: Type.Enum(severities),
  status: Type.Enum(deliveryStatuses, {
    description:
      'waiting for its time or another attempt, leased: on its way, sent: taken by the provider, dead: could not be ' +
      'delivered, cancelled: was no longer to be sent, expanded: became one for each who was meant.',
  }),
  attempts: Type.Integer(),
  ambiguous: Type.Boolean({
    description: 'An attempt was lost track of: it may have arrived, or arrived twice.',
  }),
  failure: orNull(Type.String({ description: 'Why not, in the words of the provider.' })),
  providerId: orNull(Type.String({ description: 'What the provider calls it.' })),
  detectedAt: moment('When something was found wrong.'),
  notBefore: moment('When it is sent at the earliest.'),
  sentAt: orNull(moment('When the provider took it.')),
  diedAt: orNull(moment('When it was given up.')),
  standsInFor: orNull(Type.String({ description: 'The message that failed, in whose place it went.' })),
});

interface DeliveriesOptions {
  pool: Pool;
  channels: ReadonlyMap<ChannelName, Channel>;
  audit: RecordAudit;
  clock: Clock;
}

/** What became of notices, dead ones once more, and trials of a channel. */
export function registerDeliveriesRoutes(
  server: Server,
  { pool, channels, audit, clock }: DeliveriesOptions,
): void {
  const tags = ['Notifications'];

  server.get(
    `${PATH}/deliveries`,
    {
      config: { access: { capability: 'alerts:read', org: 'none' } },
      schema: {
        tags,
        summary: 'List what became of notices',
        querystring: Type.Object({
          status: Type.Optional(Type.Enum(deliveryStatuses)),
          channel: Type.Optional(Type.Enum(channelNames)),
          alertId: Type.Optional(Type.String({ format: 'uuid' })),
          before: Type.Optional(noticeId),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'Default 100.' })),
        }),
        response: {
          200: Type.Object({
            deliveries: Type.Array(DeliverySchema),
            next: textOrNull(),
          }),
        },
      },
    },
    async (request) => {
      const { limit = 100, ...filters } = request.query;
      const orgs = orgsIn(actorOf(request), 'alerts:read');
      const { rows, next } = await readPage(
        limit,
        (most) => listDeliveries(pool, { ...filters, orgs, limit: most }),
        (last) => last.id,
      );
      return { deliveries: rows, next };
    },
  );

  server.post(
    `${PATH}/deliveries/:id/replay`,
    {
      config: { access: { capability: 'alerts:write', org: 'none' } },
      schema: {
        tags,
        summary: 'Send a dead notice once more',
        params: Type.Object({ id: noticeId }),
        response: { 202: Type.Object({ id: noticeId }) },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      const orgs = orgsIn(actor, 'alerts:write');
      const { id: wanted } = request.params;
      await withTransaction(pool, async (client) => {
        const [found] = await listDeliveries(client, { orgs, status: 'dead', id: wanted, limit: 1 });
        if (!found || !(await replayDead(client, wanted, new Date(clock.now())))) {
          throw new CodedError('not_found', `There is no dead notice ${wanted}.`);
        }
        await recordAudits(client, clock, [
          {
            actor,
            action: 'notification.replay',
            ...(found.orgId !== null && { orgId: found.orgId }),
            subject: wanted,
            route: `POST ${PATH}/deliveries/:id/replay`,
            requestId: request.id,
          },
        ]);
      });
      return reply.code(202).send({ id: wanted });
    },
  );

  server.post(
    `${PATH}/channels/:channel/test`,
    {
      config: { access: { capability: 'alerts:write', org: 'query' } },
      schema: {
        tags,
        summary: 'Try a channel',
        description:
          'Sends one test notice now, and says whether the provider took it. Inside the product (in_app) it is for one user.',
        params: Type.Object({ channel: Type.Enum(channelNames) }),
        querystring: Type.Object({
          orgId: Type.Optional(
            Type.String({ minLength: 1, maxLength: 200, description: 'Whose destinations.' }),
          ),
        }),
        body: Type.Object(
          {
            to: Type.String({
              minLength: 1,
              maxLength: 254,
              description: 'Address, number, user or destination.',
            }),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({ delivered: Type.Literal(true), providerId: orNull(Type.String()) }),
        },
      },
    },
    async (request) => {
      const orgId = orgOf(request);
      const { providerId = null } = await sendTrial(
        { channels, audit, clock },
        {
          channel: request.params.channel,
          to: request.body.to,
          orgId: orgId === ALL_ORGS ? null : orgId,
          caller: {
            actor: actorOf(request),
            route: `POST ${PATH}/channels/:channel/test`,
            requestId: request.id,
          },
        },
      );
      return { delivered: true as const, providerId };
    },
  );
}
