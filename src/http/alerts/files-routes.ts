import type { Pool, PoolClient } from 'pg';
import { Type } from 'typebox';
import { listConfigs } from '../../alerts/configs/alert-configs.ts';
import type { ConfigChanges } from '../../alerts/configs/change-configs.ts';
import { MOST_RULES, readConfigFile, writeConfigFile } from '../../alerts/configs/config-file.ts';
import {
  importSilences,
  readSilencesOfFile,
  type SilenceChange,
  silencesForFile,
} from '../../alerts/silences/silence-file.ts';
import { listSilences } from '../../alerts/silences/stored-silences.ts';
import { mayIn, shareOwnerOf } from '../../auth/actor.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { Clock } from '../../time.ts';
import { textOrNull } from '../fields/nullable.ts';
import { orgOrAll } from '../fields/texts.ts';
import { actorOf, orgOf, requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';
import { orgOfQuery } from './rule-schema.ts';
import { scopeOfOrg } from './scope.ts';

const BASE = '/api/v1/analytics/alerts/configs';
const tags = ['Alerts'];
/** Twice what a file with the most rules usually has. */
const MAX_FILE_BYTES = 10_000_000;
const YAML_TYPES = ['application/yaml', 'text/yaml', 'application/x-yaml'];

interface AlertFilesOptions {
  pool: Pool;
  clock: Clock;
  changes: ConfigChanges;
}

/** Alert rules as YAML files: exported, and imported with a dry run. */
export function registerAlertFilesRoutes(server: Server, options: AlertFilesOptions): void {
  server.get(`${BASE}/export`, exportRoute, (request, reply) => exportRules(options, request, reply));
  server.register((routes: Server, _options, done) => {
    const asText = async (_request: unknown, body: string) => body;
    for (const type of YAML_TYPES) routes.addContentTypeParser(type, { parseAs: 'string' }, asText);
    routes.post(`${BASE}/import`, importRoute, (request) => importRules(options, request));
    done();
  });
}

const exportRoute = {
  config: requires('alerts:read', 'query'),
  schema: {
    tags,
    summary: 'Export alert rules as YAML',
    description:
      'The file holds the names of destinations, but no addresses of destinations or other secrets.',
    querystring: Type.Object({ orgId: orgOfQuery }),
    response: {
      200: { description: 'The rules.', content: { 'application/yaml': { schema: Type.String() } } },
    },
  },
};

async function exportRules(
  { pool, clock }: AlertFilesOptions,
  request: RequestTo<typeof exportRoute>,
  reply: ReplyTo<typeof exportRoute>,
) {
  // One more than a file may have, so that writing it can tell that there are too many.
  const scope = scopeOfOrg(orgOf(request));
  const configs = await listConfigs(pool, { scope, limit: MOST_RULES + 1 });
  const silences = await listSilences(pool, { scope, unexpiredAt: clock.now(), limit: MOST_RULES });
  const file = writeConfigFile(configs, silencesForFile(silences));
  return reply.type('application/yaml; charset=utf-8').send(file);
}

const PlannedChange = Type.Object({
  action: Type.Enum(['create', 'update', 'delete', 'unchanged'] as const),
  orgId: orgOrAll,
  name: Type.String(),
  id: textOrNull(),
  fields: Type.Record(Type.String(), Type.Object({ before: Type.Unknown(), after: Type.Unknown() })),
});

const PlannedSilence = Type.Object({
  action: Type.Enum(['create', 'update', 'delete', 'unchanged'] as const),
  orgId: orgOrAll,
  name: Type.String(),
  id: textOrNull(),
});

const importRoute = {
  bodyLimit: MAX_FILE_BYTES,
  config: requires('alerts:write', 'query'),
  schema: {
    tags,
    summary: 'Import alert rules from YAML',
    description:
      'Org and name identify a rule. The import applies the whole file or nothing: at most 10,000 rules or 10 MB, sent as ' +
      'application/yaml. With `dryRun` it only answers what would change.',
    querystring: Type.Object({
      orgId: orgOfQuery,
      dryRun: Type.Optional(Type.Boolean({ description: 'Default false.' })),
      prune: Type.Optional(
        Type.Boolean({
          description:
            'Remove rules and named silences that are not in the file. A file without the list alerts removes no rules.',
        }),
      ),
    }),
    consumes: YAML_TYPES,
    body: Type.String({ description: 'YAML with a list named alerts, one named silences or both.' }),
    response: {
      200: Type.Object({
        dryRun: Type.Boolean(),
        changes: Type.Array(PlannedChange),
        silences: Type.Array(PlannedSilence),
      }),
    },
  },
};

async function importRules({ changes, clock }: AlertFilesOptions, request: RequestTo<typeof importRoute>) {
  const actor = actorOf(request);
  const orgId = orgOf(request);
  const { dryRun = false, prune = false } = request.query;
  const mayImport = (given: string | null) =>
    orgId === ALL_ORGS ? mayIn(actor, 'alerts:write', given ?? ALL_ORGS) : given === orgId;
  const owner = shareOwnerOf(actor);
  const ownOrg = orgId === ALL_ORGS ? null : orgId;
  const file = await readConfigFile(request.body, ownOrg, mayImport, owner);
  const reading = { orgId: ownOrg, mayWrite: mayImport, now: clock.now() };
  const wanted = readSilencesOfFile(file.silences, reading);
  const scope = scopeOfOrg(orgId);
  const caller = callerOf(request);
  let silences: SilenceChange[] = [];
  // A silence may name a rule of the same file, so it comes afterwards.
  const also = async (client: PoolClient) => {
    silences = await importSilences(client, wanted, { clock, scope, caller, prune, dryRun });
  };
  const made = await changes.importAll(
    file.rules,
    scope,
    { dryRun, prune: prune && file.hasAlerts, also },
    caller,
  );
  return { dryRun, changes: made.map(({ rule: _rule, ...change }) => change), silences };
}
