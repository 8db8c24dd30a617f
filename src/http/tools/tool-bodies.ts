import type { Readable } from 'node:stream';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { type Actor, canIngestFor, resolveOrg, shareOwnerOf } from '../../auth/actor.ts';
import { CodedError } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { Ingest } from '../../ingestion/ingest.ts';
import type { LoopTurns } from '../../shares/loop-turns.ts';
import { MAX_BODY_BYTES } from '../events/body-parsers.ts';
import { actorOf } from '../shell/authenticate.ts';
import { type BodyBounds, bodyShareOf } from '../shell/body-memory.ts';
import { bodyCutOff, readBody } from '../shell/read-body.ts';
import type { Server } from '../shell/typed-server.ts';

export interface ToolOptions {
  ingest: Ingest;
  /** What the bodies of all requests share. */
  bodies: BodyBounds;
  /** Shares the event loop between callers. */
  loop: LoopTurns;
  /** Whether the id of the provider's answer identifies a call, whatever tool reports it. */
  byAnswer: boolean;
}

/** The bytes of a body that are parsed in a millisecond. */
const PARSED_AT_ONCE = 100_000;
/** What is read or made without a break, about 1 ms. */
const AT_ONCE = 200;

/** Keeps bodies of these types as bytes, decompressed and within the share of their caller. */
export function keepBytes(routes: Server, contentTypes: readonly string[]): void {
  routes.removeAllContentTypeParsers();
  for (const contentType of contentTypes) {
    routes.addContentTypeParser(contentType, async (request: FastifyRequest, payload: Readable) => {
      const share = bodyShareOf(request);
      const body = await readBody(payload, request.headers, { limit: MAX_BODY_BYTES, share });
      if (!(await share.mayParse(body.length))) throw bodyCutOff(request.headers);
      return body;
    });
  }
}

/** Waits for the turn to parse a body. */
export async function takeTurnFor(body: Buffer, request: FastifyRequest, loop: LoopTurns): Promise<void> {
  await loop.take(shareOwnerOf(actorOf(request)), body.length / PARSED_AT_ONCE);
}

/** Goes through items in pieces of about a millisecond, each with a turn of the event loop. */
export async function inTurns<T>(
  items: Iterable<T>,
  { owner, loop }: { owner: string; loop: LoopTurns },
  take: (item: T) => void,
): Promise<void> {
  let count = 0;
  for (const item of items) {
    take(item);
    if (++count % AT_ONCE > 0) continue;
    await yieldToOthers();
    await loop.take(owner, 1);
  }
}

/**
 * The org that the key of a tool stands for: tools cannot name one.
 * @throws {CodedError} `forbidden` for a key of several orgs, or of none
 */
export function orgOfKey(actor: Actor): string {
  const only = actor.orgs.length === 1 ? actor.orgs[0] : undefined;
  const orgId = only ?? (actor.orgs.length === 0 ? resolveOrg(actor, 'events:write', undefined) : ALL_ORGS);
  if (orgId !== ALL_ORGS && canIngestFor(actor, orgId)) return orgId;
  throw new CodedError(
    'forbidden',
    'The org of this data is that of the key. Use an API key that belongs to exactly one org and may send events.',
  );
}
