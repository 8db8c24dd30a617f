import type { Pool } from 'pg';
import { Type } from 'typebox';
import { createAudit } from '../../auth/audit.ts';
import { withTransaction } from '../../database/pool.ts';
import { CodedError, refuseField } from '../../errors.ts';
import { privateAddressIn } from '../../notifications/channels/outbound.ts';
import {
  createEndpoint,
  listEndpoints,
  removeEndpoint,
} from '../../notifications/channels/webhook-endpoints.ts';
import type { Clock } from '../../time.ts';
import { moment } from '../fields/query-parameters.ts';
import { actorOf, orgOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';

const PATH = '/api/v1/analytics/notifications/webhooks';

const name = Type.String({
  pattern: '^(?!default$)[a-z0-9][a-z0-9_-]{0,63}$',
  'x-expected':
    'a name of a-z, 0-9, - and _ that begins with a letter or digit, of at most 64 characters, and not default',
  description: 'What rules and preferences call it: a-z, 0-9, - and _, and not default.',
});
const url = Type.String({ maxLength: 2_000, description: 'https, or http where the network is yours.' });

const listed = {
  orgId: Type.String({ description: '"*": for alerts over all orgs.' }),
  name,
  url,
  createdAt: moment('When it was made.'),
  createdBy: Type.String(),
};

const OrgQuery = Type.Object({
  orgId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'Whose. Without it: for alerts over all orgs for an admin, else the only org of the caller.',
    }),
  ),
});

interface WebhooksOptions {
  pool: Pool;
  clock: Clock;
  /** Private addresses that webhooks may reach. */
  outboundAllow: readonly string[];
}

/** Where signed webhooks go. Each change leaves a line in the audit log. */
export function registerWebhooksRoutes(
  server: Server,
  { pool, clock, outboundAllow }: WebhooksOptions,
): void {
  const config = { access: { capability: 'alerts:write', org: 'query' } } as const;
  const tags = ['Webhooks'];

  server.get(
    PATH,
    {
      config,
      schema: {
        tags,
        summary: 'List webhooks',
        querystring: OrgQuery,
        response: { 200: Type.Object({ webhooks: Type.Array(Type.Object(listed)) }) },
      },
    },
    async (request) => ({ webhooks: await listEndpoints(pool, orgOf(request)) }),
  );

  server.post(
    PATH,
    {
      config,
      schema: {
        tags,
        summary: 'Make a webhook',
        description:
          'The secret is shown this once. Receivers check the signature as Standard Webhooks has it ' +
          '(https://www.standardwebhooks.com/). Addresses that are not public are refused, here and when they are dialled, ' +
          'unless OUTBOUND_ALLOW lets them in; redirects are not followed.',
        querystring: OrgQuery,
        body: Type.Object({ name, url }, { additionalProperties: false }),
        response: { 201: Type.Object({ ...listed, secret: Type.String() }) },
      },
    },
    async (request, reply) => {
      const { body } = request;
      refuseUrl(body.url, outboundAllow);
      const actor = actorOf(request);
      const orgId = orgOf(request);
      const made = await withTransaction(pool, async (client) => {
        const now = new Date(clock.now());
        const { secret, ...after } = await createEndpoint(client, { orgId, ...body }, actor.id, now);
        const audit = createAudit(client, clock);
        await audit({
          actor,
          action: 'webhook.create',
          orgId,
          subject: after.name,
          after,
          route: `POST ${PATH}`,
          requestId: request.id,
        });
        return { ...after, secret };
      });
      return reply.code(201).send(made);
    },
  );

  server.delete(
    `${PATH}/:name`,
    {
      config,
      schema: {
        tags,
        summary: 'Remove a webhook',
        params: Type.Object({ name }),
        querystring: OrgQuery,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const orgId = orgOf(request);
      await withTransaction(pool, async (client) => {
        if (!(await removeEndpoint(client, orgId, request.params.name))) {
          throw new CodedError('not_found', `There is no webhook ${request.params.name}.`);
        }
        const audit = createAudit(client, clock);
        await audit({
          actor: actorOf(request),
          action: 'webhook.remove',
          orgId,
          subject: request.params.name,
          route: `DELETE ${PATH}/:name`,
          requestId: request.id,
        });
      });
      return reply.code(204).send(null);
    },
  );
}

function refuseUrl(given: string, outboundAllow: readonly string[]): void {
  const parsed = URL.canParse(given) ? new URL(given) : undefined;
  if (!parsed || !['https:', 'http:'].includes(parsed.protocol) || parsed.username !== '') {
    const message = 'must be a URL that starts with https:// or http://, without a user or password';
    throw refuseField('$.url', message);
  }
  const address = privateAddressIn(given, outboundAllow);
  if (address === undefined) return;
  throw refuseField(
    '$.url',
    `must be a public address; ${address} is none, and OUTBOUND_ALLOW does not let it in`,
  );
}
