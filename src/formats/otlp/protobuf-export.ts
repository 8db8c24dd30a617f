import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { CodedError } from '../../errors.ts';
import { enter, fieldsOf, type Message, readAttribute, readText, skipLength } from './protobuf-fields.ts';
import type { Attributes, OtlpScope } from './span.ts';

/** What an export of one signal holds. All signals have the same numbers of fields down to their items. */
export interface ProtobufSignal<T> {
  /** The name of the request, for errors. */
  request: string;
  /** Whether an attribute is read at all. */
  isWanted(name: string): boolean;
  readItem(message: Message, origin: Origin): T;
}

/** The instrumentation and the process that an item is from. */
export interface Origin {
  scope: OtlpScope;
  resource: Attributes;
}

/**
 * Reads the items of an export one by one. Whatever an event does not need is skipped, so prompts never become text.
 * @throws {CodedError} `invalid_request` for bytes that are not such a message
 */
export function* readProtobufExport<T>(bytes: Buffer, signal: ProtobufSignal<T>): Generator<T> {
  const { isWanted } = signal;
  const message: Message = { reader: new BinaryReader(bytes), bytes, end: bytes.length, isWanted };
  try {
    for (const field of fieldsOf(message)) {
      if (field === 1) yield* readResourceGroup(enter(message), signal);
      else message.reader.skip(WireType.LengthDelimited);
    }
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw notProtobuf(signal.request, message.reader.pos, cause);
  }
}

function notProtobuf(request: string, position: number, cause: unknown): CodedError {
  const message = `must be an ${request}; it cannot be read near byte ${position}`;
  return new CodedError('invalid_request', `The body is not valid protobuf: it ${message}.`, {
    cause,
    faults: [{ path: '$', message }],
  });
}

function* readResourceGroup<T>(message: Message, signal: ProtobufSignal<T>): Generator<T> {
  const resource: Attributes = new Map();
  // The order of fields is free, and the attributes of the resource belong to every item.
  const scopes: { start: number; end: number }[] = [];
  for (const field of fieldsOf(message)) {
    const { end } = field === 1 || field === 2 ? enter(message) : { end: undefined };
    if (end === undefined) skipLength(message);
    else if (field === 1) readResource({ ...message, end }, resource);
    else {
      scopes.push({ start: message.reader.pos, end });
      message.reader.pos = end;
    }
  }
  for (const { start, end } of scopes) {
    message.reader.pos = start;
    yield* readScopeGroup({ ...message, end }, resource, signal);
  }
  message.reader.pos = message.end;
}

function readResource(message: Message, attributes: Attributes): void {
  for (const field of fieldsOf(message)) {
    if (field === 1) readAttribute(enter(message), attributes);
    else skipLength(message);
  }
}

function* readScopeGroup<T>(
  message: Message,
  resource: Attributes,
  { readItem }: ProtobufSignal<T>,
): Generator<T> {
  const scope: OtlpScope = { name: '', version: '' };
  const origin = { scope, resource };
  for (const field of fieldsOf(message)) {
    // Every SDK writes the scope before its items; the object is shared, so that another order works too.
    if (field === 1) Object.assign(scope, readScope(enter(message)));
    else if (field === 2) yield readItem(enter(message), origin);
    else skipLength(message);
  }
}

function readScope(message: Message): OtlpScope {
  const scope: OtlpScope = { name: '', version: '' };
  for (const field of fieldsOf(message)) {
    if (field === 1) scope.name = readText(message);
    else if (field === 2) scope.version = readText(message);
    else skipLength(message);
  }
  return scope;
}
