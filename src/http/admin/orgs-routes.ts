import type { Pool } from 'pg';
import { Type } from 'typebox';
import { orgsIn } from '../../auth/actor.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import { listOrgs } from '../../queries/orgs/list-orgs.ts';
import type { Clock } from '../../time.ts';
import { orNull } from '../fields/nullable.ts';
import { nextCursor, readTextCursor, textCursorOf } from '../fields/page-cursor.ts';
import { limitParameter } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { moment } from '../fields/texts.ts';
import { auditRead } from '../shell/audit-reads.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';

const DEFAULT_LIMIT = 50;

interface OrgsOptions {
  pool: Pool;
  clock: Clock;
  audit: RecordAudit;
}

/** The orgs that the caller may see. */
export function registerOrgsRoutes(server: Server, options: OrgsOptions): void {
  server.get('/analytics/v1/orgs', listRoute, (request) => list(options, request));
}

const listRoute = {
  config: { ...requires('usage:read', 'none'), csv: { orgs: { rows: 'orgs' } } },
  schema: {
    tags: ['Org analytics'],
    summary: 'List the orgs that you may see, with their last event and their spend',
    description: 'By id. Who may see every org gets those that have had events; such a read is audited.',
    querystring: Type.Object({
      limit: limitParameter(200, DEFAULT_LIMIT, 'Orgs'),
      after: Type.Optional(
        Type.String({
          maxLength: 2_000,
          description: '`next` of the previous page. Without it: the first page.',
        }),
      ),
    }),
    response: {
      200: Type.Object({
        orgs: Type.Array(
          Type.Object({
            orgId: Type.String(),
            lastEventAt: orNull(moment('When its last event occurred; null: none yet.')),
            spendCents: Type.Number({
              description: 'Cost of its model calls in the last 30 days and today so far, UTC.',
            }),
          }),
        ),
        next: nextCursor,
      }),
    },
  },
};

async function list({ pool, clock, audit }: OrgsOptions, request: RequestTo<typeof listRoute>) {
  const { limit = DEFAULT_LIMIT, after } = request.query;
  const scope = orgsIn(actorOf(request), 'usage:read');
  if (scope === 'all') await auditRead(audit, request, null);
  const wanted = { scope, after: after === undefined ? undefined : readTextCursor(after) };
  const { rows, next } = await readPage(
    limit,
    (most) => listOrgs({ database: pool, clock }, { ...wanted, limit: most }),
    ({ orgId }) => textCursorOf(orgId),
  );
  return { orgs: rows, next };
}
