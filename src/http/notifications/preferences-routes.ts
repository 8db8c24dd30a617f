import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { orgsIn } from '../../auth/actor.ts';
import {
  deletePreference,
  type PreferenceChangesOptions,
  readPreference,
  setPreference,
} from '../../notifications/routing/change-preferences.ts';
import { listPreferences, type PreferenceOwner } from '../../notifications/routing/preferences.ts';
import { actorOf, orgOf, requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';
import {
  OwnerParams,
  PreferenceBody,
  PreferenceQuery,
  PreferenceSchema,
  preferenceFrom,
} from './preference-schema.ts';

const PATH = '/api/v1/analytics/notifications/preferences';
const config = requires('alerts:read', 'query');
const tags = ['Notification preferences'];

/**
 * How people and teams of an org receive its notices. Everybody sets their own preference; changing another one needs
 * `alerts:write` in the org. The audit log records each change.
 */
export function registerPreferencesRoutes(server: Server, options: PreferenceChangesOptions): void {
  server.get(PATH, listRoute, (request) => list(options, request));
  server.get(`${PATH}/:kind/:id`, readRoute, (request) => read(options, request));
  server.put(`${PATH}/:kind/:id`, setRoute, (request) => set(options, request));
  server.delete(`${PATH}/:kind/:id`, removeRoute, (request, reply) => remove(options, request, reply));
}

interface OwnerRequest extends FastifyRequest {
  params: Static<typeof OwnerParams>;
}

/** The path names the kind in the plural. */
function ownerOf(request: OwnerRequest): PreferenceOwner {
  const { kind, id } = request.params;
  return { orgId: orgOf(request), kind: kind === 'users' ? 'user' : 'team', id };
}

const listRoute = {
  config: requires('alerts:read', 'none'),
  schema: {
    tags,
    summary: 'List the notification preferences of people and teams in your orgs',
    response: { 200: Type.Object({ preferences: Type.Array(PreferenceSchema) }) },
  },
};

async function list({ pool }: PreferenceChangesOptions, request: RequestTo<typeof listRoute>) {
  return { preferences: await listPreferences(pool, orgsIn(actorOf(request), 'alerts:read')) };
}

const readRoute = {
  config,
  schema: {
    tags,
    summary: 'Read a notification preference',
    params: OwnerParams,
    querystring: PreferenceQuery,
    response: { 200: PreferenceSchema },
  },
};

async function read({ pool }: PreferenceChangesOptions, request: RequestTo<typeof readRoute>) {
  return readPreference(pool, ownerOf(request));
}

const setRoute = {
  config,
  schema: {
    tags,
    summary: 'Set a notification preference',
    description:
      'Replaces the preference that was there. Without `channels`: Slack and email for warnings, and SMS too for ' +
      'critical alerts, as far as there is an address. Each channel that you choose needs its address. ' +
      'The in-app list shows every alert that a user may see.',
    params: OwnerParams,
    querystring: PreferenceQuery,
    body: PreferenceBody,
    response: { 200: PreferenceSchema },
  },
};

async function set(options: PreferenceChangesOptions, request: RequestTo<typeof setRoute>) {
  return setPreference(options, ownerOf(request), preferenceFrom(request.body), callerOf(request));
}

const removeRoute = {
  config,
  schema: {
    tags,
    summary: 'Remove a notification preference',
    params: OwnerParams,
    querystring: PreferenceQuery,
    response: { 204: Type.Null() },
  },
};

async function remove(
  options: PreferenceChangesOptions,
  request: RequestTo<typeof removeRoute>,
  reply: ReplyTo<typeof removeRoute>,
) {
  await deletePreference(options, ownerOf(request), callerOf(request));
  return reply.code(204).send(null);
}
