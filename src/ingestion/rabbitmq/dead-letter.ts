import type { AsyncMessage, Envelope, SyncMessage } from 'rabbitmq-client';

/** A message, or one event of it, that cannot be stored. */
export interface RefusedMessage {
  message: AsyncMessage;
  /** The stream or queue that it came from. */
  source: string;
  /** The place of the event in the message, and the event as it was sent. Absent for the message as a whole. */
  part?: { index: number; event: unknown };
  reason: string;
}

/** A message of the dead-letter queue, as it is shown to people. */
export interface DeadLetter {
  id: string;
  source: string;
  reason: string;
  /** When it was put into the dead-letter queue. */
  at: string;
  /** The offset of its message in the stream, and the place of the event in the message. */
  offset: number | undefined;
  index: number | undefined;
  body: string;
}

interface Publication {
  envelope: Envelope;
  body: Buffer;
}

const PREFIX = 'x-tidemark-';
/** The prefix of headers that the broker adds to a message of a stream. */
const OF_STREAM = 'x-stream-';
const MAX_REASON = 2_000;

/** The bytes of a body. A value that the client has parsed from JSON becomes JSON again. */
function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** The properties that a message keeps when it is published again. Routing and expiry are not kept. */
function lastingOf(message: AsyncMessage | SyncMessage): Envelope {
  const { contentType, contentEncoding, correlationId, messageId, timestamp, type, appId } = message;
  const headers = Object.entries(message.headers ?? {}).filter(
    ([name]) => !name.startsWith(PREFIX) && !name.startsWith(OF_STREAM),
  );
  const kept = { contentType, contentEncoding, correlationId, messageId, timestamp, type, appId };
  const given = Object.entries(kept).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), headers: Object.fromEntries(headers), durable: true };
}

/** The dead letter of a refused message: the message as it was sent, with headers that say why it was refused. */
export function toDeadLetter(refused: RefusedMessage, id: string, at: Date): Publication {
  const { message, source, part, reason } = refused;
  const envelope = lastingOf(message);
  if (part) envelope.contentType = 'application/json';
  envelope.headers = {
    ...envelope.headers,
    [`${PREFIX}id`]: id,
    [`${PREFIX}source`]: source,
    [`${PREFIX}reason`]: reason.slice(0, MAX_REASON),
    [`${PREFIX}at`]: at.toISOString(),
    [`${PREFIX}offset`]: message.headers?.['x-stream-offset'],
    [`${PREFIX}index`]: part?.index,
  };
  return { envelope, body: part ? Buffer.from(JSON.stringify(part.event)) : bytesOf(message.body) };
}

/** The original message of a dead letter, to be published again. */
export function toOriginal(message: SyncMessage): Publication {
  return {
    envelope: lastingOf(message),
    body: bytesOf(message.body),
  };
}

function readHeader(message: SyncMessage, name: string): string {
  return String(message.headers?.[`${PREFIX}${name}`] ?? '');
}

function readNumber(message: SyncMessage, name: string): number | undefined {
  const value: unknown = message.headers?.[`${PREFIX}${name}`];
  return typeof value === 'number' ? value : undefined;
}

/** Reads a message of the dead-letter queue. Messages that others put there lack most of the fields. */
export function readDeadLetter(message: SyncMessage): DeadLetter {
  return {
    id: readHeader(message, 'id') || (message.messageId ?? ''),
    source: readHeader(message, 'source'),
    reason: readHeader(message, 'reason'),
    at: readHeader(message, 'at'),
    offset: readNumber(message, 'offset'),
    index: readNumber(message, 'index'),
    body: bytesOf(message.body).toString('utf8'),
  };
}
