import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { shareOwnerOf } from '../../auth/actor.ts';
import { CodedError } from '../../errors.ts';
import { decodeBinaryCloudEvent, isBinaryCloudEvent } from '../../formats/cloud-events.ts';
import { formatByContentType } from '../../formats/content-types.ts';
import type { DecodeBody } from '../../formats/decoded-events.ts';
import type { LoopTurns } from '../../shares/loop-turns.ts';
import { actorOf } from '../shell/authenticate.ts';
import { type BodyBounds, bodyShareOf, boundBodyMemory } from '../shell/body-memory.ts';
import { bodyCutOff, readBody } from '../shell/read-body.ts';
import type { Server } from '../shell/typed-server.ts';

/** The largest body, after decompression. */
export const MAX_BODY_BYTES = 10_000_000;

/** The place that a request took as it began suffices to parse so many bytes. */
const SMALL_BODY = 10_000;
/** The bytes of a body that are parsed in a millisecond. */
const PARSED_AT_ONCE = 100_000;

/**
 * Reads the bodies of these routes as events, in every format and compression, within the share that each caller has of
 * memory and of the event loop.
 */
export function readEventBodies(routes: Server, bodies: BodyBounds, loop: LoopTurns): void {
  boundBodyMemory(routes, bodies);
  routes.removeAllContentTypeParsers();
  for (const [contentType, decodeType] of Object.entries(formatByContentType)) {
    routes.addContentTypeParser(contentType, async (request: FastifyRequest, payload: Readable) => {
      refuseOtherCharsets(request);
      const { headers } = request;
      const decode = isBinaryCloudEvent(headers) ? binaryFormat(contentType, headers) : decodeType;
      const share = bodyShareOf(request);
      const body = await readBody(payload, headers, { limit: MAX_BODY_BYTES, share });
      if (!(await share.mayParse(body.length))) throw bodyCutOff(headers);
      const owner = shareOwnerOf(actorOf(request));
      if (body.length > SMALL_BODY) await loop.take(owner, body.length / PARSED_AT_ONCE);
      return decode(body);
    });
  }
}

/** The format of a body whose headers hold a CloudEvent, unless its content type says that the body does. */
function binaryFormat(contentType: string, headers: IncomingHttpHeaders): DecodeBody {
  const structured = contentType.startsWith('application/cloudevents') && formatByContentType[contentType];
  if (structured) return structured;
  if (contentType === 'application/json') return (body) => decodeBinaryCloudEvent(body, headers);
  const message = 'must be application/json for the data of a CloudEvent in binary mode';
  throw new CodedError('unsupported_media_type', `The content type ${message}.`, {
    faults: [{ path: 'content-type', message }],
  });
}

function refuseOtherCharsets({ headers }: FastifyRequest): void {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '') ?? [];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return;
  throw new CodedError('unsupported_media_type', `The charset ${charset} is not supported; send UTF-8.`, {
    faults: [{ path: 'content-type', message: 'must have the charset utf-8, or none' }],
  });
}
