import type { FastifyReply, FastifyRequest } from 'fastify';
import { shareOwnerOf } from '../../auth/actor.ts';
import { MAX_EVENTS } from '../../events/max-events.ts';
import { refuseTooMany } from '../../formats/decoded-events.ts';
import { emptyBody } from '../../formats/parse-json.ts';
import type { SkippedRecord } from '../../formats/skipped-record.ts';
import type { EventError } from '../../ingestion/refused-events.ts';
import { formatOf } from '../events/arrival.ts';
import { actorOf } from '../shell/authenticate.ts';
import { answerExport, type PartialSuccess, type RejectedName, speaksProtobuf } from './otlp-answers.ts';
import { inTurns, orgOfKey, type ToolOptions, takeTurnFor } from './tool-bodies.ts';

/** The refusals that an answer describes. */
const FIRST_REFUSALS = 5;

/** The readers of one signal, by encoding. */
export interface ExportReaders<T> {
  json(body: Buffer): Iterable<T>;
  protobuf(body: Buffer): Iterable<T>;
}

/** An export that is read, and who sent it. */
export interface ReadExport<T> {
  items: T[];
  orgId: string;
  /** Who shares the event loop and the queue with others. */
  owner: string;
}

/**
 * Reads the items of an export in turns with other callers.
 * @throws {CodedError} if the body cannot be read, is too long, or the key has several orgs
 */
export async function readExport<T>(
  { loop }: ToolOptions,
  request: FastifyRequest,
  readers: ExportReaders<T>,
): Promise<ReadExport<T>> {
  const actor = actorOf(request);
  const orgId = orgOfKey(actor);
  const bytes = request.body;
  if (!Buffer.isBuffer(bytes)) throw emptyBody();
  await takeTurnFor(bytes, request, loop);
  const owner = shareOwnerOf(actor);
  const items: T[] = [];
  const read = speaksProtobuf(request) ? readers.protobuf(bytes) : readers.json(bytes);
  await inTurns(read, { owner, loop }, (item) => {
    items.push(item);
    refuseTooMany(items.length);
  });
  return { items, orgId, owner };
}

/** The events of an export, and the calls that cannot be events. */
export interface MadeEvents {
  events: unknown[];
  unreadable: EventError[];
  /** The other items, which are no calls. */
  skipped: SkippedRecord[];
}

/** An error for a call that cannot be an event. It stands behind all events. */
export function unreadableCall(eventId: string | null, detail: string): EventError {
  return { index: MAX_EVENTS, eventId, code: 'invalid', detail };
}

/** Stores the events of an export. Returns the errors of all that were not stored, and the number of refused ones. */
export async function submitExport(
  { ingest }: ToolOptions,
  request: FastifyRequest,
  { orgId, owner }: Omit<ReadExport<unknown>, 'items'>,
  { events, unreadable, skipped }: MadeEvents,
): Promise<{ rejected: number; errors: readonly EventError[] }> {
  return ingest.submit({
    events,
    source: 'http',
    owner,
    correlationId: request.correlationId,
    mayIngestFor: (org) => org === orgId,
    rejected: unreadable,
    arrival: { format: formatOf(request), orgId, skipped },
    maxErrors: MAX_EVENTS * 2,
  });
}

/** Answers with what was refused. */
export function answerStored(
  request: FastifyRequest,
  reply: FastifyReply,
  { rejected, errors }: { rejected: number; errors: readonly EventError[] },
  names: { rejected: RejectedName; item: string },
): FastifyReply {
  return answerExport(request, reply, names.rejected, partialSuccessOf(rejected, errors, names.item));
}

/**
 * What was refused. A conflict is no refusal: two tools reported the same call with other times, and it counts once.
 */
function partialSuccessOf(
  rejected: number,
  errors: readonly EventError[],
  item: string,
): PartialSuccess | undefined {
  if (rejected === 0) return undefined;
  const reasons = errors
    .filter(({ code }) => code !== 'conflict')
    .slice(0, FIRST_REFUSALS)
    .map(({ eventId, detail }) => `${eventId ?? item}: ${detail}`);
  return { rejected, message: reasons.join('; ') };
}
