import type { FastifyReply } from 'fastify';
import type { Pool } from 'pg';
import { Type } from 'typebox';
import { CodedError } from '../../errors.ts';
import { openStoredFile, type StoredFile } from '../../exports/delivery/download-file.ts';
import { checkLink, DOWNLOADS_PATH } from '../../exports/delivery/signed-link.ts';
import type { Clock } from '../../time.ts';
import { isPublic } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { readByteRange } from './byte-range.ts';

export interface DownloadsOptions {
  pool: Pool;
  clock: Clock;
  /** The folder of exported files. */
  exportDir: string;
  linkKey(): Promise<Uint8Array>;
}

/** Files of exports, for everybody who has a signed link. */
export function registerDownloadsRoutes(server: Server, options: DownloadsOptions): void {
  server.get(`${DOWNLOADS_PATH}/:org/:jobId/:name`, fileRoute, (request, reply) =>
    sendFile(options, request, reply),
  );
}

const text = Type.String();

const fileRoute = {
  config: isPublic,
  schema: {
    tags: ['Exports'],
    summary: 'A file of an export, by a signed link',
    description:
      'The download of an export redirects here. Range requests are answered, and Repr-Digest has the SHA-256 of the whole ' +
      'file (RFC 9530).',
    params: Type.Object({
      org: Type.String({ minLength: 1, maxLength: 200 }),
      jobId: Type.String({ format: 'uuid' }),
      name: Type.String({ minLength: 1, maxLength: 300 }),
    }),
    querystring: Type.Object({
      expires: Type.Integer({ minimum: 0, description: 'Seconds since 1970 at which the link ends.' }),
      signature: Type.String({ maxLength: 100 }),
    }),
    response: {
      200: { description: 'The file.', content: { 'application/octet-stream': { schema: text } } },
      206: { description: 'A part of the file.', content: { 'application/octet-stream': { schema: text } } },
    },
  },
};

async function sendFile(
  { pool, clock, exportDir, linkKey }: DownloadsOptions,
  request: RequestTo<typeof fileRoute>,
  reply: FastifyReply,
) {
  const { org: orgId, jobId, name } = request.params;
  const linked = { orgId, jobId, name };
  const verdict = checkLink(await linkKey(), linked, { ...request.query, now: clock.now() });
  if (verdict !== 'valid') {
    const reason = verdict === 'expired' ? 'has expired' : 'is not valid';
    throw new CodedError('forbidden', `This link ${reason}. Ask for the download of the export again.`);
  }
  return answerWith(await openStoredFile(pool, exportDir, linked), request, reply as FastifyReply);
}

async function answerWith(file: StoredFile, request: RequestTo<typeof fileRoute>, reply: FastifyReply) {
  const tag = `"${file.sha256.toString('hex')}"`;
  const { range: rangeHeader, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers;
  const wanted = ifRange === undefined || ifRange === tag ? rangeHeader : undefined;
  const range = readByteRange(wanted, file.bytes);
  describeFile(file, tag, reply);
  if (ifNoneMatch?.split(',').some((one) => one.trim() === tag)) {
    await file.close();
    return reply.code(304).send();
  }
  if (range === 'unsatisfiable') {
    await file.close();
    reply.header('content-range', `bytes */${file.bytes}`);
    throw new CodedError('range_not_satisfiable', `The file has ${file.bytes} bytes.`);
  }
  const { start, end } = range ?? { start: 0, end: file.bytes };
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${file.bytes}`);
  reply.header('content-length', end - start);
  if (request.method === 'HEAD') {
    await file.close();
    return reply.send();
  }
  return reply.send(file.read(start, end));
}

function describeFile(file: StoredFile, tag: string, reply: FastifyReply): void {
  const { truncated } = file;
  if (truncated) reply.header('tidemark-truncated', `rows=${truncated.rows}; matched=${truncated.matched}`);
  reply
    .type(file.contentType)
    .header('etag', tag)
    .header('accept-ranges', 'bytes')
    .header('repr-digest', `sha-256=:${file.sha256.toString('base64')}:`)
    .header('content-disposition', `attachment; filename="${file.name}"`)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'private, no-store');
}
