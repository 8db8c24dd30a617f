import { WireType } from '@bufbuild/protobuf/wire';
import { CodedError } from '../../errors.ts';
import { readAttribute } from './protobuf-attributes.ts';
import { ProtobufCursor, tagOf } from './protobuf-cursor.ts';
import type { Attributes, OtlpScope } from './span.ts';
import type { WantedNames } from './wanted-names.ts';

/** What an export of one signal holds. All signals have the same numbers of fields down to their items. */
export interface ProtobufSignal<T> {
  /** The name of the request, for errors. */
  request: string;
  /** The attributes that are read. */
  names: WantedNames;
  /** Reads the item that begins at the cursor, in a message that ends at `outerEnd`. */
  readItem(cursor: ProtobufCursor, outerEnd: number, origin: Origin): T;
}

/** The instrumentation and the process that an item is from. */
export interface Origin {
  scope: OtlpScope;
  resource: Attributes;
}

const FIRST = tagOf(1, WireType.LengthDelimited);
const SECOND = tagOf(2, WireType.LengthDelimited);

/**
 * Reads the items of an export one by one. Whatever an event does not need is skipped, so prompts never become text.
 * @throws {CodedError} `invalid_request` for bytes that are not such a message
 */
export function* readProtobufExport<T>(bytes: Buffer, signal: ProtobufSignal<T>): Generator<T> {
  const cursor = new ProtobufCursor(bytes);
  const end = bytes.length;
  try {
    for (let tag = cursor.next(end); tag !== 0; tag = cursor.next(end)) {
      if (tag === FIRST) yield* readResourceGroup(cursor, end, signal);
      else cursor.skip(tag, end);
    }
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw notProtobuf(signal.request, cursor.position, cause);
  }
}

function notProtobuf(request: string, position: number, cause: unknown): CodedError {
  const message = `must be an ${request}; it cannot be read near byte ${position}`;
  return new CodedError('invalid_request', `The body is not valid protobuf: it ${message}.`, {
    cause,
    faults: [{ path: '$', message }],
  });
}

function* readResourceGroup<T>(
  cursor: ProtobufCursor,
  outerEnd: number,
  signal: ProtobufSignal<T>,
): Generator<T> {
  const end = cursor.enter(outerEnd);
  const resource: Attributes = new Map();
  // The order of fields is free, and the attributes of the resource belong to every item.
  const groups: number[] = [];
  for (let tag = cursor.next(end); tag !== 0; tag = cursor.next(end)) {
    if (tag === FIRST) readResource(cursor, end, signal.names, resource);
    else {
      if (tag === SECOND) groups.push(cursor.position);
      cursor.skip(tag, end);
    }
  }
  for (const start of groups) {
    cursor.position = start;
    yield* readScopeGroup(cursor, end, resource, signal);
  }
  cursor.position = end;
}

function readResource(
  cursor: ProtobufCursor,
  outerEnd: number,
  names: WantedNames,
  attributes: Attributes,
): void {
  const end = cursor.enter(outerEnd);
  for (let tag = cursor.next(end); tag !== 0; tag = cursor.next(end)) {
    if (tag === FIRST) readAttribute(cursor, end, names, attributes);
    else cursor.skip(tag, end);
  }
}

function* readScopeGroup<T>(
  cursor: ProtobufCursor,
  outerEnd: number,
  resource: Attributes,
  { readItem }: ProtobufSignal<T>,
): Generator<T> {
  const end = cursor.enter(outerEnd);
  const scope: OtlpScope = { name: '', version: '' };
  const origin = { scope, resource };
  for (let tag = cursor.next(end); tag !== 0; tag = cursor.next(end)) {
    // Every SDK writes the scope before its items; the object is shared, so that another order works too.
    if (tag === FIRST) readScope(cursor, end, scope);
    else if (tag === SECOND) yield readItem(cursor, end, origin);
    else cursor.skip(tag, end);
  }
}

function readScope(cursor: ProtobufCursor, outerEnd: number, scope: OtlpScope): void {
  const end = cursor.enter(outerEnd);
  for (let tag = cursor.next(end); tag !== 0; tag = cursor.next(end)) {
    if (tag === FIRST) scope.name = cursor.text(end);
    else if (tag === SECOND) scope.version = cursor.text(end);
    else cursor.skip(tag, end);
  }
}
