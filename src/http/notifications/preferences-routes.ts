import type { Pool } from 'pg';
import { type Static, Type } from 'typebox';
import { type Actor, mayIn, orgsIn } from '../../auth/actor.ts';
import { createAudit } from '../../auth/audit.ts';
import { type Database, withTransaction } from '../../database/pool.ts';
import { CodedError, refuseField } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { type OuterChannel, outerChannels } from '../../notifications/notice/notice.ts';
import { checkPreference } from '../../notifications/routing/check-preference.ts';
import {
  findPreference,
  holdPreferences,
  listPreferences,
  removePreference,
  type StoredPreference,
  savePreference,
} from '../../notifications/routing/preferences.ts';
import { recipientForms } from '../../notifications/routing/recipient.ts';
import { channelsWith } from '../../notifications/routing/routing.ts';
import { isTimeZone } from '../../queries/reading/time-buckets.ts';
import type { Clock } from '../../time.ts';
import { orNull } from '../fields/nullable.ts';
import { moment } from '../fields/query-parameters.ts';
import { actorOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';

const PATH = '/api/v1/analytics/notifications/preferences';

function address(channel: OuterChannel, description: string) {
  const { right, expected } = recipientForms[channel];
  return orNull(Type.String({ pattern: right.source, 'x-expected': expected, maxLength: 254, description }));
}

const clockTime = Type.String({
  pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
  'x-expected': 'a time of day such as 22:30',
  description: 'HH:MM',
});

const Quiet = Type.Object(
  { from: clockTime, to: clockTime, timezone: Type.String({ maxLength: 60 }) },
  {
    additionalProperties: false,
    description: 'Hours of each day in which only what is critical is told; the rest waits for their end.',
  },
);

const byChannels = Type.Array(Type.Enum(outerChannels));
const channels = Type.Object(
  { info: byChannels, warning: byChannels, critical: byChannels },
  { additionalProperties: false, description: 'By which channels, for how bad it is.' },
);

const addresses = {
  email: address('email', 'Such as oncall@example.com.'),
  phone: address('sms', 'Such as +4915112345678.'),
  slack: address('slack', 'Name of a Slack destination.'),
  webhook: address('webhook', 'Name of a webhook destination.'),
};

const orgs = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
  minItems: 1,
  maxItems: 1_000,
  description: 'Whose alerts they are told of; "*": those over all orgs, for admins.',
});

const NewPreference = Type.Object(
  {
    orgs,
    ...Type.Partial(Type.Object(addresses)).properties,
    channels: Type.Optional(channels),
    quietHours: Type.Optional(orNull(Quiet)),
  },
  { additionalProperties: false },
);

const PreferenceSchema = Type.Object({
  kind: Type.Enum(['user', 'team'] as const),
  id: Type.String(),
  orgs,
  email: orNull(Type.String()),
  phone: orNull(Type.String()),
  slack: orNull(Type.String()),
  webhook: orNull(Type.String()),
  channels,
  quietHours: orNull(Quiet),
  version: Type.Integer(),
  updatedAt: moment('When it was last changed.'),
  updatedBy: Type.String(),
});

const Params = Type.Object({
  kind: Type.Enum(['users', 'teams'] as const),
  id: Type.String({ minLength: 1, maxLength: 200, description: 'The subject of their tokens, or a name.' }),
});

const kinds = { users: 'user', teams: 'team' } as const;

interface PreferencesOptions {
  pool: Pool;
  clock: Clock;
  /** What Slack's webhooks may be called; `undefined` where this process cannot know. */
  slackNames: readonly string[] | undefined;
}

/**
 * How people and teams want to be told. Everybody sets their own; of others, who may write alerts of their orgs.
 * Each change leaves a line in the audit log.
 */
export function registerPreferencesRoutes(
  server: Server,
  { pool, clock, slackNames }: PreferencesOptions,
): void {
  const config = { access: { capability: 'alerts:read', org: 'none' } } as const;
  const tags = ['Notification preferences'];
  const found = async (
    database: Database,
    kind: 'users' | 'teams',
    id: string,
    actor: Actor,
  ): Promise<StoredPreference> => {
    const preference = await findPreference(database, kinds[kind], id);
    if (!preference || !maySee(actor, preference)) {
      throw new CodedError('not_found', `There are no preferences of ${kinds[kind]} ${id}.`);
    }
    return preference;
  };

  server.get(
    PATH,
    {
      config,
      schema: {
        tags,
        summary: 'List how people and teams of your orgs want to be told',
        response: { 200: Type.Object({ preferences: Type.Array(PreferenceSchema) }) },
      },
    },
    async (request) => ({
      preferences: await listPreferences(pool, orgsIn(actorOf(request), 'alerts:read')),
    }),
  );

  server.get(
    `${PATH}/:kind/:id`,
    { config, schema: { tags, summary: 'Read one', params: Params, response: { 200: PreferenceSchema } } },
    async (request) => found(pool, request.params.kind, request.params.id, actorOf(request)),
  );

  server.put(
    `${PATH}/:kind/:id`,
    {
      config,
      schema: {
        tags,
        summary: 'Say how somebody wants to be told',
        description:
          'Replaces what was there. Without channels: warnings by Slack and email, what is critical by SMS as well, as far ' +
          'as there is an address for it. A channel that is chosen needs its address. ' +
          'Inside the product, everybody sees all alerts they may.',
        params: Params,
        body: NewPreference,
        response: { 200: PreferenceSchema },
      },
    },
    async (request) => {
      const { params, body } = request;
      const actor = actorOf(request);
      const kind = kinds[params.kind];
      refuseOthers(actor, kind, params.id, body);
      refuseZone(body.quietHours);
      const { orgs, email = null, phone = null, slack = null, webhook = null, quietHours = null } = body;
      const addresses = { email, phone, slack, webhook };
      const chosen = { ...addresses, channels: body.channels ?? channelsWith(addresses) };
      return withTransaction(pool, async (client) => {
        await holdPreferences(client);
        const before = await findPreference(client, kind, params.id);
        if (before) refuseOthers(actor, kind, params.id, before);
        await checkPreference(client, { orgs, ...chosen }, slackNames);
        const after = await savePreference(
          client,
          { kind, id: params.id, orgs, ...chosen, quietHours },
          actor.id,
          new Date(clock.now()),
        );
        const audit = createAudit(client, clock);
        await audit({
          actor,
          action: 'notification_preference.set',
          subject: `${kind} ${params.id}`,
          before,
          after,
          route: `PUT ${PATH}/:kind/:id`,
          requestId: request.id,
        });
        return after;
      });
    },
  );

  server.delete(
    `${PATH}/:kind/:id`,
    {
      config,
      schema: { tags, summary: 'Remove them', params: Params, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const { kind, id } = request.params;
      const actor = actorOf(request);
      await withTransaction(pool, async (client) => {
        await holdPreferences(client);
        const before = await found(client, kind, id, actor);
        refuseOthers(actor, kinds[kind], id, before);
        await removePreference(client, kinds[kind], id);
        const audit = createAudit(client, clock);
        await audit({
          actor,
          action: 'notification_preference.remove',
          subject: `${kinds[kind]} ${id}`,
          before,
          route: `DELETE ${PATH}/:kind/:id`,
          requestId: request.id,
        });
      });
      return reply.code(204).send(null);
    },
  );
}

function maySee(actor: Actor, { kind, id, orgs: of }: StoredPreference): boolean {
  return (kind === 'user' && id === actor.id) || of.some((org) => mayIn(actor, 'alerts:read', org));
}

function refuseOthers(
  actor: Actor,
  kind: 'user' | 'team',
  id: string,
  preference: { orgs: readonly string[] },
): void {
  const own = kind === 'user' && id === actor.id;
  const needed = own ? 'alerts:read' : 'alerts:write';
  const beyond = preference.orgs.find((org) => !mayIn(actor, needed, org));
  if (beyond === undefined) return;
  const message =
    beyond === ALL_ORGS ? 'may be "*" for admins alone' : `holds ${beyond}, where you may not ${needed}`;
  throw refuseField('$.orgs', message, 'forbidden');
}

function refuseZone(quiet: Static<typeof Quiet> | null | undefined): void {
  if (!quiet || isTimeZone(quiet.timezone)) return;
  throw refuseField('$.quietHours.timezone', 'must be an IANA time zone, such as Europe/Berlin');
}
