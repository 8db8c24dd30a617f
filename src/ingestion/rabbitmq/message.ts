import type { AsyncMessage } from 'rabbitmq-client';
import { Refusal, readText } from '../../events/field.ts';
import { MAX_EVENTS } from '../../events/max-events.ts';
import { isObject } from '../../events/reading.ts';
import { fromSnakeCase } from '../../formats/snake-case.ts';

/** The properties of a message that say what it holds. */
export type MessageContent = Pick<AsyncMessage, 'body' | 'contentEncoding' | 'correlationId'>;

/** What a message holds. */
export interface MessageEvents {
  /** In the names of the HTTP contract, unchecked. */
  events: unknown[];
  /** The same as they were sent. */
  sent: unknown[];
  /** Why the message as a whole cannot be stored. */
  fault?: string;
}

const MAX_ID_LENGTH = 200;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a message: JSON, whatever its content type, one event or an array of them, each in camelCase or
 * snake_case. Events without a correlation id of their own get that of the message. Pure, and does not throw.
 */
export function readMessage({ body, contentEncoding, correlationId }: MessageContent): MessageEvents {
  if (contentEncoding && contentEncoding !== 'identity') {
    return unreadable(`the message is encoded as ${contentEncoding}; only plain JSON is read`);
  }
  let parsed: unknown = body;
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    try {
      parsed = JSON.parse(typeof body === 'string' ? body : utf8.decode(body));
    } catch (error) {
      return unreadable(`the message is not JSON: ${(error as Error).message}`);
    }
  }
  if (!Array.isArray(parsed) && !isObject(parsed)) {
    return unreadable('the message must be an event or an array of events');
  }
  const sent: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (sent.length > MAX_EVENTS) {
    return unreadable(`the message holds ${sent.length} events; the most are ${MAX_EVENTS}`);
  }
  const fallback = readText(correlationId, MAX_ID_LENGTH);
  const inherited = fallback instanceof Refusal ? undefined : fallback;
  return { sent, events: sent.map((event) => withCorrelationId(fromSnakeCase(event), inherited)) };
}

function unreadable(fault: string): MessageEvents {
  return { events: [], sent: [], fault };
}

function withCorrelationId(event: unknown, correlationId: string | undefined): unknown {
  if (correlationId === undefined || !isObject(event)) return event;
  if (event.correlationId !== undefined && event.correlationId !== null) return event;
  return Object.assign(Object.create(null), event, { correlationId });
}
