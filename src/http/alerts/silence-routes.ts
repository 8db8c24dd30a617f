import type { Pool } from 'pg';
import { Type } from 'typebox';
import { addSilence, changeSilence, removeSilence } from '../../alerts/silences/change-silences.ts';
import { listedSilences } from '../../alerts/silences/listed-silence.ts';
import { readSilence } from '../../alerts/silences/read-silence.ts';
import { type Silence, silenceStates } from '../../alerts/silences/silence.ts';
import {
  listSilences,
  readStoredSilence,
  type StoredSilence,
} from '../../alerts/silences/stored-silences.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import { refuse } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import { afterParameter, cursorOf, nextCursor, readCursor } from '../fields/page-cursor.ts';
import { limitParameter } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { isIsoTime, uuidInPath } from '../fields/texts.ts';
import { auditRead } from '../shell/audit-reads.ts';
import { actorOf, orgOf, requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';
import { orgOfQuery } from './rule-schema.ts';
import { orgOfNewRule, scopeOf, scopeOfOrg } from './scope.ts';
import { NewSilenceBody, SilenceBody, SilenceSchema } from './silence-schema.ts';

const PATH = '/api/v1/analytics/alerts/silences';
const DEFAULT_LIMIT = 50;
const tags = ['Alerts'];

interface SilencesOptions {
  /** For reading, and for changes. */
  readPool: Pool;
  writePool: Pool;
  clock: Clock;
  audit: RecordAudit;
}

/** Silences and maintenance windows: listed, added, read, changed and removed. */
export function registerSilenceRoutes(server: Server, options: SilencesOptions): void {
  server.get(PATH, listRoute, (request) => list(options, request));
  server.post(PATH, addRoute, (request, reply) => add(options, request, reply));
  server.get(`${PATH}/:id`, readRoute, (request) => read(options, request));
  server.put(`${PATH}/:id`, changeRoute, (request) => change(options, request));
  server.delete(`${PATH}/:id`, removeRoute, (request, reply) => remove(options, request, reply));
}

const listRoute = {
  config: { ...requires('alerts:read', 'query'), csv: { silences: { rows: 'silences' } } },
  schema: {
    tags,
    summary: 'List silences and maintenance windows, the newest first',
    querystring: Type.Object({
      orgId: orgOfQuery,
      state: Type.Optional(
        Type.Enum([...silenceStates, 'unexpired'] as const, {
          description: 'unexpired: pending and active.',
        }),
      ),
      limit: limitParameter(200, DEFAULT_LIMIT),
      after: afterParameter,
    }),
    response: { 200: Type.Object({ silences: Type.Array(SilenceSchema), next: nextCursor }) },
  },
};

async function list({ readPool, clock }: SilencesOptions, request: RequestTo<typeof listRoute>) {
  const { state, limit = DEFAULT_LIMIT, after } = request.query;
  const end = after === undefined ? undefined : readCursor(after, isIsoTime);
  const now = clock.now();
  const wanted = {
    scope: scopeOfOrg(orgOf(request)),
    ...(state !== undefined && state !== 'expired' && { unexpiredAt: now }),
    ...(end && { after: { createdAt: end.place, id: end.id } }),
  };
  const { rows, next } = await readPage(
    limit,
    (most) => listSilences(readPool, { ...wanted, limit: most }),
    ({ createdAt, id }) => cursorOf({ place: new Date(createdAt).toISOString(), id }),
  );
  const listed = await listedSilences(readPool, rows, now);
  // A page of one state may be short, because the state depends on the clock.
  const isWanted = (one: string) => state === undefined || state === one || state === 'unexpired';
  return { silences: listed.filter((one) => isWanted(one.state)), next };
}

const addRoute = {
  config: requires('alerts:write', 'none'),
  schema: {
    tags,
    summary: 'Add a silence or a maintenance window',
    description:
      'While it is in force, the matching alerts are told to nobody. Their history shows what would have been told. An alert ' +
      'that still fires at the end is told then. Without `orgId`, an admin silences rules over all orgs.',
    body: NewSilenceBody,
    response: { 201: SilenceSchema },
  },
};

async function add(
  options: SilencesOptions,
  request: RequestTo<typeof addRoute>,
  reply: ReplyTo<typeof addRoute>,
) {
  const { orgId: asked, ...fields } = request.body;
  const orgId = orgOfNewRule(actorOf(request), asked);
  const silence = silenceFrom(fields, options.clock.now());
  const made = await addSilence({ ...options, pool: options.writePool }, orgId, silence, callerOf(request));
  return reply
    .code(201)
    .header('location', `${PATH}/${made.id}`)
    .send(await shown(options, made));
}

const readRoute = {
  config: requires('alerts:read', 'none'),
  schema: {
    tags,
    summary: 'Read a silence or a maintenance window',
    params: uuidInPath,
    response: { 200: SilenceSchema },
  },
};

async function read(options: SilencesOptions, request: RequestTo<typeof readRoute>) {
  const scope = scopeOf(actorOf(request), 'alerts:read');
  const found = await readStoredSilence(options.readPool, request.params.id, scope);
  await auditRead(options.audit, request, found.orgId);
  return shown(options, found);
}

const changeRoute = {
  config: requires('alerts:write', 'none'),
  schema: {
    tags,
    summary: 'Change a silence or a maintenance window',
    description:
      'Send the whole silence: an absent field takes its default. To end it now, send an `endsAt` of now, or remove it.',
    params: uuidInPath,
    body: SilenceBody,
    response: { 200: SilenceSchema },
  },
};

/** What GET gives beside the fields of a silence. Callers may send it back. */
const ownFields = [
  'id',
  'orgId',
  'state',
  'occurrence',
  'matchingRules',
  'matchingRuleCount',
  'version',
  'createdAt',
  'createdBy',
  'updatedAt',
  'updatedBy',
];

async function change(options: SilencesOptions, request: RequestTo<typeof changeRoute>) {
  const scope = scopeOf(actorOf(request), 'alerts:write');
  const fields = Object.fromEntries(
    Object.entries(request.body).filter(([name]) => !ownFields.includes(name)),
  );
  const silence = silenceFrom(fields, options.clock.now());
  const wanted = { id: request.params.id, scope, silence };
  const after = await changeSilence({ ...options, pool: options.writePool }, wanted, callerOf(request));
  return shown(options, after);
}

const removeRoute = {
  config: requires('alerts:write', 'none'),
  schema: {
    tags,
    summary: 'Remove a silence or a maintenance window',
    description: 'Alerts that fired meanwhile and still fire are told now.',
    params: uuidInPath,
    response: { 204: Type.Null({ description: 'The silence has been removed.' }) },
  },
};

async function remove(
  { writePool, clock }: SilencesOptions,
  request: RequestTo<typeof removeRoute>,
  reply: ReplyTo<typeof removeRoute>,
) {
  const scope = scopeOf(actorOf(request), 'alerts:write');
  await removeSilence({ pool: writePool, clock }, { id: request.params.id, scope }, callerOf(request));
  return reply.code(204).send(null);
}

/** @throws {CodedError} `invalid_request` with every fault */
function silenceFrom(input: unknown, now: number): Silence {
  const silence = readSilence(input, { now });
  if (!Array.isArray(silence)) return silence;
  throw refuse('In the body', silence);
}

async function shown({ writePool, clock }: SilencesOptions, silence: StoredSilence) {
  const [listed] = await listedSilences(writePool, [silence], clock.now());
  if (!listed) throw new Error('the silence is missing');
  return listed;
}
