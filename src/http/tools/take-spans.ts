import type { FastifyReply, FastifyRequest } from 'fastify';
import { findCalls } from '../../formats/otlp/leaf-calls.ts';
import { readJsonSpans } from '../../formats/otlp/read-json.ts';
import { readProtobufSpans } from '../../formats/otlp/read-protobuf.ts';
import { usageEventOf } from '../../formats/otlp/usage-event.ts';
import { answerStored, type MadeEvents, readExport, submitExport, unreadableCall } from './take-export.ts';
import { inTurns, type ToolOptions } from './tool-bodies.ts';

const readers = { json: readJsonSpans, protobuf: readProtobufSpans };

/** Takes an export of traces, and counts the calls among its spans. */
export async function takeSpans(
  options: ToolOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { items, orgId, owner } = await readExport(options, request, readers);
  const { calls } = findCalls(items);
  const made: MadeEvents = { events: [], unreadable: [] };
  await inTurns(calls, { owner, loop: options.loop }, (call) => {
    const event = usageEventOf(call, orgId);
    if (typeof event === 'string') made.unreadable.push(unreadableCall(call.spanId, event));
    else made.events.push(event);
  });
  const stored = await submitExport(options, request, { orgId, owner }, made);
  return answerStored(request, reply, stored, { rejected: 'rejectedSpans', item: 'a span' });
}
