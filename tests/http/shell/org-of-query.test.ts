import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import type { Actor } from '../../../src/auth/actor.ts';
import type { AuditEntry } from '../../../src/auth/audit.ts';
import { orgOf } from '../../../src/http/shell/authenticate.ts';
import type { Server } from '../../../src/http/shell/typed-server.ts';
import { httpLayer } from '../../support/service/http-layer.ts';

describe('a route whose query may name an org', () => {
  const registerRoutes = (server: Server) => {
    server.get(
      '/x',
      {
        config: { access: { capability: 'business:read', org: 'query' } },
        schema: {
          summary: 'test',
          tags: ['Test'],
          querystring: Type.Object({ orgId: Type.Optional(Type.String()) }),
        },
      },
      async (request) => ({ org: orgOf(request) }),
    );
  };
  const ask = async (roles: Actor['roles'], orgs: string[], query = '') => {
    const entries: AuditEntry[] = [];
    const audit = async (entry: AuditEntry) => void entries.push(entry);
    const server = httpLayer({ actor: { id: 'me', roles, orgs, via: 'jwt' }, registerRoutes, audit });
    const answer = await server.inject(`/x${query}`);
    const { org, detail } = answer.json();
    return { status: answer.statusCode, org, detail, audited: entries.map(({ orgId }) => orgId) };
  };

  test('covers all orgs for a caller who reaches all, and is audited', async () => {
    expect(await ask(['admin'], ['own'])).toMatchObject({ status: 200, org: '*', audited: ['*'] });
    expect(await ask(['admin'], ['own'], '?orgId=acme')).toMatchObject({ org: 'acme', audited: ['acme'] });
    expect(await ask(['admin'], ['own'], '?orgId=own')).toMatchObject({ org: 'own', audited: [] });
  });

  test('covers the org of the caller, who must name it if there are several', async () => {
    expect(await ask(['finance'], ['acme'])).toMatchObject({ status: 200, org: 'acme', audited: [] });
    expect(await ask(['finance'], ['acme', 'globex'], '?orgId=globex')).toMatchObject({ org: 'globex' });
    expect(await ask(['finance'], ['acme', 'globex'])).toMatchObject({
      status: 400,
      detail: 'In the query: orgId must name one of your orgs: acme, globex.',
    });
    expect((await ask(['finance'], [])).status).toBe(400);
  });

  test('is closed to members of other orgs', async () => {
    for (const query of ['?orgId=globex', '?orgId=*']) {
      expect((await ask(['finance'], ['acme'], query)).status).toBe(403);
    }
    expect((await ask(['admin'], [], '?orgId=a&orgId=b')).status).toBe(400);
  });
});
