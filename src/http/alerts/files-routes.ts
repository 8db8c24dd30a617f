import type { Pool } from 'pg';
import { Type } from 'typebox';
import { listConfigs } from '../../alerts/configs/alert-configs.ts';
import type { ConfigChanges } from '../../alerts/configs/change-configs.ts';
import { MOST_RULES, readConfigFile, writeConfigFile } from '../../alerts/configs/config-file.ts';
import { mayIn } from '../../auth/actor.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { textOrNull } from '../fields/nullable.ts';
import { actorOf, orgOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { orgOfAlert } from './schemas.ts';
import { callerOf, scopeOfOrg } from './scope.ts';

const BASE = '/api/v1/analytics/alerts';
const tags = ['Alerts'];
/** Bytes of a file with that many rules, twice as long as they usually are. */
const LARGEST_FILE = 10_000_000;
const YAML_TYPES = ['application/yaml', 'text/yaml', 'application/x-yaml'];

const orgId = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 200,
    description: 'Only of this org. Without it: of all you may see.',
  }),
);

/** Alert rules as files: exported, and imported with what would change shown before. */
export function registerAlertFilesRoutes(
  server: Server,
  { pool, changes }: { pool: Pool; changes: ConfigChanges },
): void {
  server.get(
    `${BASE}/configs/export`,
    {
      config: { access: { capability: 'alerts:read', org: 'query' } },
      schema: {
        tags,
        summary: 'All alert rules as YAML',
        description: 'Addresses of destinations and other secrets are not part of it, only their names.',
        querystring: Type.Object({ orgId }),
        response: {
          200: { description: 'The rules.', content: { 'application/yaml': { schema: Type.String() } } },
        },
      },
    },
    async (request, reply) => {
      const configs = await listConfigs(pool, { scope: scopeOfOrg(orgOf(request)), limit: MOST_RULES + 1 });
      return reply.type('application/yaml; charset=utf-8').send(writeConfigFile(configs));
    },
  );

  server.register((routes: Server, _options, done) => {
    for (const type of YAML_TYPES) {
      routes.addContentTypeParser(
        type,
        { parseAs: 'string' },
        async (_request: unknown, body: string) => body,
      );
    }
    routes.post(
      `${BASE}/configs/import`,
      {
        bodyLimit: LARGEST_FILE,
        config: { access: { capability: 'alerts:write', org: 'query' } },
        schema: {
          tags,
          summary: 'Import alert rules from YAML',
          description:
            'Rules are known by their org and name. All of it or nothing; at most 10,000 rules or 10 MB at a time, sent as ' +
            'application/yaml. With dryRun it only says what would change.',
          querystring: Type.Object({
            orgId,
            dryRun: Type.Optional(Type.Boolean({ description: 'Default false.' })),
            prune: Type.Optional(Type.Boolean({ description: 'Remove rules that the file does not have.' })),
          }),
          consumes: YAML_TYPES,
          body: Type.String({ description: 'YAML with a list named alerts.' }),
          response: {
            200: Type.Object({
              dryRun: Type.Boolean(),
              changes: Type.Array(
                Type.Object({
                  action: Type.Enum(['create', 'update', 'delete', 'unchanged'] as const),
                  orgId: orgOfAlert,
                  name: Type.String(),
                  id: textOrNull(),
                  fields: Type.Record(
                    Type.String(),
                    Type.Object({ before: Type.Unknown(), after: Type.Unknown() }),
                  ),
                }),
              ),
            }),
          },
        },
      },
      async (request) => {
        const actor = actorOf(request);
        const org = orgOf(request);
        const { dryRun = false, prune = false } = request.query;
        const wanted = await readConfigFile(request.body, org === ALL_ORGS ? null : org, (given) =>
          org === ALL_ORGS ? mayIn(actor, 'alerts:write', given ?? ALL_ORGS) : given === org,
        );
        const done = await changes.importAll(wanted, scopeOfOrg(org), { dryRun, prune }, callerOf(request));
        return { dryRun, changes: done.map(({ rule: _rule, ...change }) => change) };
      },
    );
    done();
  });
}
