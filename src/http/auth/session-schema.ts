import { Type } from 'typebox';
import type { SignInKind } from '../../auth/actor.ts';
import { roles } from '../../auth/roles.ts';
import type { LoginSession } from '../../auth/sessions/session-row.ts';
import { orNull } from '../fields/nullable.ts';

const kinds: SignInKind[] = ['oidc', 'jwt', 'api_key', 'login_link'];

const via = Type.Enum(kinds, {
  description:
    'How the browser was signed in: OpenID Connect, a pasted token or API key, or a one-time link.',
});

/** The session of the browser that asks. */
export const OwnSession = Type.Object({
  actor: Type.String({ description: 'The id of the actor, as the audit log has it.' }),
  name: Type.String({ description: 'The name to show.' }),
  roles: Type.Array(Type.Enum(roles)),
  orgs: Type.Array(Type.String(), { description: 'The orgs that you belong to.' }),
  via,
  expiresAt: Type.String({
    format: 'date-time',
    description: 'When the session ends at the latest. It ends earlier after 12 hours without a request.',
  }),
});

export function describeOwn({ actor, name, expiresAt }: LoginSession) {
  return {
    actor: actor.id,
    ...{ name, roles: [...actor.roles], orgs: [...actor.orgs], via: actor.via },
    expiresAt: expiresAt.toISOString(),
  };
}

/** One of the sessions of the caller. */
export const ListedSession = Type.Object({
  id: Type.String(),
  via,
  current: Type.Boolean({ description: 'Whether it is the session of this request.' }),
  createdAt: Type.String({ format: 'date-time' }),
  lastSeenAt: Type.String({ format: 'date-time', description: 'To the minute.' }),
  expiresAt: Type.String({ format: 'date-time', description: 'When it ends at the latest.' }),
  userAgent: orNull(Type.String({ description: 'The browser, as it names itself.' })),
  address: orNull(Type.String({ description: 'The IP address that signed in.' })),
});

export function describeListed(session: LoginSession, currentId: string | undefined) {
  const { id, actor, createdAt, lastSeenAt, expiresAt, userAgent, address } = session;
  return {
    ...{ id, via: actor.via, current: id === currentId },
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    ...{ userAgent, address },
  };
}
