import type { FastifyReply, FastifyRequest } from 'fastify';
import { agentEventOf } from '../../formats/otlp/logs/agent-events.ts';
import { readJsonLogs } from '../../formats/otlp/logs/read-json-logs.ts';
import { readProtobufLogs } from '../../formats/otlp/logs/read-protobuf-logs.ts';
import { answerStored, type MadeEvents, readExport, submitExport, unreadableCall } from './take-export.ts';
import { inTurns, type ToolOptions } from './tool-bodies.ts';

const readers = { json: readJsonLogs, protobuf: readProtobufLogs };

/** Takes an export of logs, and counts the calls that coding agents have logged. */
export async function takeLogs(
  options: ToolOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { items, orgId, owner } = await readExport(options, request, readers);
  const made: MadeEvents = { events: [], unreadable: [], skipped: [] };
  await inTurns(items, { owner, loop: options.loop }, (record) => {
    const event = agentEventOf(record, orgId, options);
    if (typeof event === 'string') made.unreadable.push(unreadableCall(record.name, event));
    else if (event !== undefined) made.events.push(event);
    else
      made.skipped.push({
        id: null,
        reason: `the event ${record.name.slice(0, 60) || '(without a name)'} is no call`,
      });
  });
  const stored = await submitExport(options, request, { orgId, owner }, made);
  return answerStored(request, reply, stored, { rejected: 'rejectedLogRecords', item: 'a log record' });
}
