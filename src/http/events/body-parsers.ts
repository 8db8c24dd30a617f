import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { CodedError } from '../../errors.ts';
import { formatByContentType } from '../../formats/content-types.ts';
import type { SharedCapacity } from '../../shares/capacity.ts';
import { bodyShareOf, boundBodyMemory } from '../shell/body-memory.ts';
import { readBody } from '../shell/read-body.ts';
import type { Server } from '../shell/typed-server.ts';

/** The largest body, after decompression. */
export const MAX_BODY_BYTES = 10_000_000;

/** Reads the bodies of these routes as events, in every format and compression, within the share of each caller. */
export function readEventBodies(routes: Server, bodies: SharedCapacity): void {
  boundBodyMemory(routes, bodies);
  routes.removeAllContentTypeParsers();
  for (const [contentType, decode] of Object.entries(formatByContentType)) {
    routes.addContentTypeParser(contentType, async (request: FastifyRequest, payload: Readable) => {
      refuseOtherCharsets(request);
      const share = bodyShareOf(request);
      return decode(await readBody(payload, request.headers, { limit: MAX_BODY_BYTES, share }));
    });
  }
}

function refuseOtherCharsets({ headers }: FastifyRequest): void {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '') ?? [];
  if (charset === undefined || charset.toLowerCase() === 'utf-8') return;
  throw new CodedError('unsupported_media_type', `The charset ${charset} is not supported; send UTF-8.`, {
    faults: [{ path: 'content-type', message: 'must have the charset utf-8, or none' }],
  });
}
