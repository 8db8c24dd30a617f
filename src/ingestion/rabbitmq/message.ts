import type { AsyncMessage } from 'rabbitmq-client';
import { Refusal, readText } from '../../events/field.ts';
import { isObject } from '../../events/json-object.ts';
import { MAX_EVENTS } from '../../events/max-events.ts';
import { MAX_ID_LENGTH } from '../../events/read-envelope.ts';
import { type NotJson, parseJson } from '../../formats/parse-json.ts';
import { fromSnakeCase } from '../../formats/snake-case.ts';

/** The properties of a message that decide what it holds. */
export type MessageContent = Pick<AsyncMessage, 'body' | 'contentEncoding' | 'correlationId'>;

/** The events of a message. */
export interface MessageEvents {
  /** In the names of the HTTP contract, not checked yet. */
  events: unknown[];
  /** The same events as they were sent. */
  sent: unknown[];
  /** Why the message as a whole cannot be stored. */
  fault?: string;
}

/**
 * Reads a message as JSON, whatever its content type: one event or an array of them, each in camelCase or snake_case.
 * An event without a correlation id gets the one of the message. Pure; does not throw.
 */
export function readMessage({ body, contentEncoding, correlationId }: MessageContent): MessageEvents {
  if (contentEncoding && contentEncoding !== 'identity') {
    return unreadable(`the message is encoded as ${contentEncoding}; send plain JSON`);
  }
  const parsed = parseBody(body);
  if ('fault' in parsed) return unreadable(`the message ${parsed.fault}`);
  const { value } = parsed;
  if (!Array.isArray(value) && !isObject(value)) {
    return unreadable('the message must be an event or an array of events');
  }
  const sent: unknown[] = Array.isArray(value) ? value : [value];
  if (sent.length > MAX_EVENTS) {
    return unreadable(`the message holds ${sent.length} events; send at most ${MAX_EVENTS} in a message`);
  }
  const fallback = readText(correlationId, MAX_ID_LENGTH);
  const inherited = fallback instanceof Refusal ? undefined : fallback;
  return { sent, events: sent.map((event) => withCorrelationId(fromSnakeCase(event), inherited)) };
}

/** The client hands over bytes, text for a content type of text, and a parsed value for one of JSON. */
function parseBody(body: unknown): { value: unknown } | NotJson {
  if (Buffer.isBuffer(body)) return parseJson(body);
  return typeof body === 'string' ? parseJson(Buffer.from(body)) : { value: body };
}

function unreadable(fault: string): MessageEvents {
  return { events: [], sent: [], fault };
}

function withCorrelationId(event: unknown, correlationId: string | undefined): unknown {
  if (correlationId === undefined || !isObject(event)) return event;
  if (event.correlationId !== undefined && event.correlationId !== null) return event;
  return Object.assign(Object.create(null), event, { correlationId });
}
