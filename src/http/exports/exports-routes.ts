import { Type } from 'typebox';
import type { RecordAudit } from '../../auth/audit.ts';
import { CodedError } from '../../errors.ts';
import type { Destinations } from '../../exports/delivery/destinations.ts';
import { downloadLink } from '../../exports/delivery/download-link.ts';
import { cancelExport } from '../../exports/jobs/cancel-export.ts';
import { createExport, type ExportChanges } from '../../exports/jobs/create-export.ts';
import { type ExportJob, jobStatuses } from '../../exports/jobs/job.ts';
import { listJobs, readJob } from '../../exports/jobs/read-jobs.ts';
import { labelsOfRequest } from '../../exports/label-use.ts';
import { refuseUnknownLabels } from '../../series/label-dimensions.ts';
import { afterParameter, cursorOf, nextCursor, readCursor } from '../fields/page-cursor.ts';
import { limitParameter } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { isIsoTime } from '../fields/texts.ts';
import { requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';
import { ExportJobSchema, NewExportSchema } from './export-schema.ts';
import { bodyWords, readExportRequest } from './read-request.ts';

const PATH = '/analytics/v1/orgs/:orgId/exports';
const tags = ['Exports'];
const DEFAULT_LIMIT = 50;

const OrgParams = Type.Object({ orgId: Type.String({ minLength: 1, maxLength: 200 }) });
const JobParams = Type.Object({ ...OrgParams.properties, jobId: Type.String({ format: 'uuid' }) });

export interface ExportsOptions extends ExportChanges {
  audit: RecordAudit;
  /** Milliseconds that a download link is valid. */
  linkTtl: number;
  linkKey(): Promise<Uint8Array>;
  destinations: Destinations;
}

/** Export jobs of an org: made, listed, read, downloaded, cancelled. */
export function registerExportsRoutes(server: Server, options: ExportsOptions): void {
  server.post(PATH, createRoute, (request, reply) => create(options, request, reply));
  server.get(PATH, listRoute, (request) => list(options, request));
  server.get(`${PATH}/:jobId`, readRoute, (request) => read(options, request));
  server.get(`${PATH}/:jobId/download`, downloadRoute, (request, reply) => download(options, request, reply));
  server.delete(`${PATH}/:jobId`, cancelRoute, (request, reply) => cancel(options, request, reply));
}

const createRoute = {
  config: requires('exports:write', 'param'),
  schema: {
    tags,
    summary: 'Export numbers or events to files',
    description:
      'The answer is a job. Read it until its status is succeeded, then download its files. A request that is sent again ' +
      'with the same Idempotency-Key gets the same job.',
    params: OrgParams,
    headers: Type.Object({
      'idempotency-key': Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 200,
          description: 'A text that is new for every new export.',
        }),
      ),
    }),
    body: NewExportSchema,
    response: { 202: ExportJobSchema },
  },
};

async function create(
  options: ExportsOptions,
  request: RequestTo<typeof createRoute>,
  reply: ReplyTo<typeof createRoute>,
) {
  const { orgId } = request.params;
  const read = readExportRequest(orgId, request.body, options.destinations);
  await refuseUnknownLabels(options.pool, orgId, labelsOfRequest(read, bodyWords), 'In the body');
  const wanted = {
    request: read,
    idempotencyKey: request.headers['idempotency-key'],
  };
  const job = await createExport(options, wanted, callerOf(request));
  return reply.code(202).send(answerOf(job));
}

const listRoute = {
  config: requires('exports:read', 'param'),
  schema: {
    tags,
    summary: 'List the exports of the org, the newest first',
    params: OrgParams,
    querystring: Type.Object({
      status: Type.Optional(Type.Enum(jobStatuses)),
      limit: limitParameter(200, DEFAULT_LIMIT),
      after: afterParameter,
    }),
    response: { 200: Type.Object({ items: Type.Array(ExportJobSchema), next: nextCursor }) },
  },
};

async function list({ pool }: ExportsOptions, request: RequestTo<typeof listRoute>) {
  const { status, after, limit = DEFAULT_LIMIT } = request.query;
  const end = after === undefined ? undefined : readCursor(after, isIsoTime);
  const wanted = {
    orgId: request.params.orgId,
    status,
    ...(end && { after: { createdAt: end.place, jobId: end.id } }),
  };
  const { rows, next } = await readPage(
    limit,
    (most) => listJobs(pool, { ...wanted, limit: most }),
    ({ createdAt, jobId }) => cursorOf({ place: createdAt.toISOString(), id: jobId }),
  );
  return { items: rows.map(answerOf), next };
}

const readRoute = {
  config: requires('exports:read', 'param'),
  schema: {
    tags,
    summary: 'One export',
    params: JobParams,
    response: { 200: ExportJobSchema },
  },
};

async function read({ pool }: ExportsOptions, request: RequestTo<typeof readRoute>) {
  const { orgId, jobId } = request.params;
  const job = await readJob(pool, orgId, jobId);
  if (!job) throw new CodedError('not_found', `The org has no export ${jobId}.`);
  return answerOf(job);
}

const downloadRoute = {
  config: requires('exports:read', 'param'),
  schema: {
    tags,
    summary: 'Download a file of an export',
    description: 'Redirects to a link that is signed now. The audit log records each download.',
    params: JobParams,
    querystring: Type.Object({
      file: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 300,
          description: 'The name of the file. Default: the first.',
        }),
      ),
    }),
    response: { 302: Type.Null({ description: 'To the file.' }) },
  },
};

async function download(
  options: ExportsOptions,
  request: RequestTo<typeof downloadRoute>,
  reply: ReplyTo<typeof downloadRoute>,
) {
  const wanted = { ...request.params, name: request.query.file };
  const signing = { caller: callerOf(request), now: options.clock.now(), ttl: options.linkTtl };
  const link = await downloadLink(options, wanted, signing);
  return reply.header('cache-control', 'private, no-store').redirect(link, 302);
}

const cancelRoute = {
  config: requires('exports:write', 'param'),
  schema: {
    tags,
    summary: 'Cancel an export',
    description: 'One that is being written stops within seconds.',
    params: JobParams,
    response: { 204: Type.Null() },
  },
};

async function cancel(
  options: ExportsOptions,
  request: RequestTo<typeof cancelRoute>,
  reply: ReplyTo<typeof cancelRoute>,
) {
  await cancelExport(options, request.params, callerOf(request));
  return reply.code(204).send(null);
}

export function answerOf(job: ExportJob) {
  const { request, outcome, error } = job;
  return {
    jobId: job.jobId,
    orgId: request.orgId,
    status: job.status,
    dataset: request.dataset,
    granularity: request.granularity,
    timeRange: {
      start: new Date(request.range.start).toISOString(),
      end: new Date(request.range.end).toISOString(),
    },
    createdAt: job.createdAt.toISOString(),
    ...(job.completedAt && { completedAt: job.completedAt.toISOString() }),
    ...(job.expiresAt && { expiresAt: job.expiresAt.toISOString() }),
    ...(job.outputUri !== null && { outputUri: job.outputUri }),
    ...(job.checksum !== null && { checksum: job.checksum }),
    ...(outcome && { rowCount: outcome.rowCount, rowsMatched: outcome.rowsMatched }),
    truncated: outcome?.truncated ?? false,
    initiatedBy: job.initiatedBy,
    scheduleId: job.scheduleId,
    ...(error && { error: error.message, errorCode: error.code }),
    attempt: job.attempt,
    progress: job.progress,
    files: [...job.files],
    reconciliation: outcome?.reconciliation ?? null,
    warnings: [...(outcome?.warnings ?? [])],
  };
}
