import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { CodedError } from '../../errors.ts';
import { formatByContentType } from '../../formats/content-types.ts';
import { boundBodyMemory } from '../shell/body-memory.ts';
import { readBody } from '../shell/read-body.ts';
import type { Server } from '../shell/typed-server.ts';

/** Largest body, once decompressed. */
export const MAX_BODY_BYTES = 10_000_000;

/** Reads the bodies of these routes as events, whatever their format and compression, within the memory allowed. */
export function readEventBodies(routes: Server, maxBytesInFlight: number): void {
  const hold = boundBodyMemory(routes, maxBytesInFlight);
  routes.removeAllContentTypeParsers();
  for (const [contentType, decode] of Object.entries(formatByContentType)) {
    routes.addContentTypeParser(contentType, async (request: FastifyRequest, payload: Readable) => {
      refuseOtherCharsets(request);
      const holdHere = (bytes: number, expected?: number) => hold(request, bytes, expected);
      return decode(await readBody(payload, request.headers, { limit: MAX_BODY_BYTES, hold: holdHere }));
    });
  }
}

function refuseOtherCharsets({ headers }: FastifyRequest): void {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '') ?? [];
  if (charset === undefined || charset.toLowerCase() === 'utf-8') return;
  throw new CodedError('unsupported_media_type', 'The charset must be utf-8.', {
    faults: [{ path: 'content-type', message: 'must have charset utf-8, or none' }],
  });
}
