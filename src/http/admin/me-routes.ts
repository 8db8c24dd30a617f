import { Type } from 'typebox';
import { type Actor, mayIn } from '../../auth/actor.ts';
import { capabilities, roles } from '../../auth/roles.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';

/** Who the caller is, for a program that wants to show only what the caller may do. */
export function registerMeRoutes(server: Server): void {
  server.get('/analytics/v1/me', meRoute, async (request) => describe(actorOf(request)));
}

const meRoute = {
  config: requires('self:read', 'none'),
  schema: {
    tags: ['Access'],
    summary: 'Who you are: your roles, orgs and rights',
    response: {
      200: Type.Object({
        id: Type.String({
          description:
            'The subject of the token, the id of the API key, or the issuer and subject of OpenID Connect.',
        }),
        via: Type.String({
          description: 'How you were identified: jwt or api_key, and in the console also oidc or login_link.',
        }),
        roles: Type.Array(Type.Enum(roles)),
        orgs: Type.Array(Type.String(), { description: 'The orgs that you belong to.' }),
        allOrgs: Type.Boolean({ description: 'Whether you may see every org; such reads are audited.' }),
        capabilities: Type.Array(Type.Enum(capabilities), {
          description: 'What you may do in your orgs, or in every org.',
        }),
      }),
    },
  },
};

function describe(actor: Actor) {
  const { id, via, orgs } = actor;
  const may = capabilities.filter((capability) =>
    [ALL_ORGS, ...orgs].some((orgId) => mayIn(actor, capability, orgId)),
  );
  return {
    ...{ id, via, roles: [...actor.roles], orgs: [...orgs] },
    allOrgs: mayIn(actor, 'usage:read', ALL_ORGS),
    capabilities: may,
  };
}
