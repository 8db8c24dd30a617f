import type { FastifyReply, FastifyRequest } from 'fastify';
import { SpanTree } from '../../formats/otlp/across-requests.ts';
import { findCalls, spansById } from '../../formats/otlp/leaf-calls.ts';
import { readJsonSpans } from '../../formats/otlp/read-json.ts';
import { readProtobufSpans } from '../../formats/otlp/read-protobuf.ts';
import type { OtlpSpan } from '../../formats/otlp/span.ts';
import { usageEventOf } from '../../formats/otlp/usage-event.ts';
import type { EventError } from '../../ingestion/refused-events.ts';
import type { SpanMemory } from '../../ingestion/spans/span-memory.ts';
import { answerStored, type MadeEvents, readExport, submitExport, unreadableCall } from './take-export.ts';
import { inTurns, type ToolOptions } from './tool-bodies.ts';

const readers = { json: readJsonSpans, protobuf: readProtobufSpans };

export interface TracesOptions extends ToolOptions {
  spanMemory: Pick<SpanMemory, 'recall' | 'remember'>;
}

/** Takes an export of traces, and counts the calls among its spans that no earlier export has counted. */
export async function takeSpans(
  options: TracesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { spanMemory } = options;
  const { items, orgId, owner } = await readExport(options, request, readers);
  const traceIds = new Set(items.map(({ traceId }) => traceId));
  const byId = spansById(items);
  const tree = new SpanTree(byId, await spanMemory.recall(orgId, traceIds));
  const { calls, skipped } = tree.leaveOutCounted(findCalls(items, byId));
  const made: MadeEvents = { events: [], unreadable: [], skipped };
  /** The call of each event, in the order of the events. */
  const sent: OtlpSpan[] = [];
  await inTurns(calls, { owner, loop: options.loop }, (call) => {
    const event = usageEventOf(call, orgId, options);
    if (typeof event === 'string') made.unreadable.push(unreadableCall(call.spanId, event));
    else {
      made.events.push(event);
      sent.push(call);
    }
  });
  const stored = await submitExport(options, request, { orgId, owner }, made);
  await spanMemory.remember(orgId, tree.marksOf(countedOf(sent, stored.errors)));
  return answerStored(request, reply, stored, { rejected: 'rejectedSpans', item: 'a span' });
}

/** The calls that count, now or since an earlier report. */
function countedOf(sent: readonly OtlpSpan[], errors: readonly EventError[]): Set<OtlpSpan> {
  const counted = new Set(sent);
  for (const { index, code } of errors) {
    const call = sent[index];
    if (call && code !== 'conflict') counted.delete(call);
  }
  return counted;
}
