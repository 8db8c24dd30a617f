import { Type } from 'typebox';
import type { LoginSessions } from '../../auth/sessions/login-sessions.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { Server } from '../shell/typed-server.ts';
import { describeListed, ListedSession } from './session-schema.ts';

const PATH = '/analytics/v1/me/sessions';
const config = requires('self:read', 'none');
const tags = ['Access'];

/** The browsers that the caller is signed in with. */
export function registerMySessionsRoutes(server: Server, { sessions }: { sessions: LoginSessions }): void {
  server.get(PATH, listRoute, async (request) => {
    const listed = await sessions.list(actorOf(request));
    return { sessions: listed.map((session) => describeListed(session, request.session?.id)) };
  });
  server.delete(PATH, endOthersRoute, async (request) => ({
    ended: await sessions.endOthers(request.session?.id, callerOf(request)),
  }));
  server.delete(`${PATH}/:sessionId`, endRoute, async (request, reply) => {
    await sessions.end(request.params.sessionId, callerOf(request));
    return reply.code(204).send(null);
  });
}

const listRoute = {
  config,
  schema: {
    tags,
    summary: 'The browsers that you are signed in with, the one used last first',
    response: { 200: Type.Object({ sessions: Type.Array(ListedSession) }) },
  },
};

const endOthersRoute = {
  config,
  schema: {
    tags,
    summary: 'Sign out all your browsers, except this one',
    response: { 200: Type.Object({ ended: Type.Integer({ description: 'How many were signed out.' }) }) },
  },
};

const endRoute = {
  config,
  schema: {
    tags,
    summary: 'Sign out one of your browsers',
    description: 'Its session ends everywhere within 5 seconds.',
    params: Type.Object({ sessionId: Type.String({ maxLength: 100 }) }),
    response: { 204: Type.Null({ description: 'The browser is signed out.' }) },
  },
};
