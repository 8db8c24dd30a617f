import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { CodedError } from '../../errors.ts';
import { isWanted } from './attributes.ts';
import type { AttributeValue, OtlpScope, OtlpSpan } from './span.ts';

type Attributes = Map<string, AttributeValue>;

/** A message within the body: its fields are between `reader.pos` and `end`. */
interface Message {
  reader: BinaryReader;
  bytes: Buffer;
  end: number;
}

/** No name of an attribute that is wanted is longer. */
const LONGEST_NAME = 100;
/** The longest text that is kept. Longer ones are prompts, or are refused with the event. */
const LONGEST_TEXT = 10_000;

/**
 * Reads the spans of an `ExportTraceServiceRequest` one by one. Whatever an event does not need is skipped, so prompts
 * never become text.
 * @throws {CodedError} `invalid_request` for bytes that are not such a message
 */
export function* readProtobufSpans(bytes: Buffer): Generator<OtlpSpan> {
  const message: Message = { reader: new BinaryReader(bytes), bytes, end: bytes.length };
  try {
    for (const field of fieldsOf(message)) {
      if (field === 1) yield* resourceSpans(enter(message));
      else message.reader.skip(WireType.LengthDelimited);
    }
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw notProtobuf(message.reader.pos, cause);
  }
}

function notProtobuf(position: number, cause: unknown): CodedError {
  const message = `must be an ExportTraceServiceRequest; it cannot be read near byte ${position}`;
  return new CodedError('invalid_request', `The body is not valid protobuf: it ${message}.`, {
    cause,
    faults: [{ path: '$', message }],
  });
}

/**
 * The numbers of the fields of a message that have a length. Fields of other kinds are skipped, unless `take` reads them.
 * The caller must read or skip the value of each.
 */
function* fieldsOf(
  message: Message,
  take?: (field: number, wireType: WireType) => boolean,
): Generator<number> {
  const { reader, end } = message;
  while (reader.pos < end) {
    const [field, wireType] = reader.tag();
    if (take?.(field, wireType)) continue;
    if (wireType === WireType.LengthDelimited) yield field;
    else reader.skip(wireType, field);
  }
  if (reader.pos !== end) throw new RangeError('a field ends beyond its message');
}

/** The message that begins here, after its length. */
function enter({ reader, bytes, end }: Message): Message {
  const length = reader.uint32();
  const inner = reader.pos + length;
  if (inner > end) throw new RangeError('a message ends beyond the one around it');
  return { reader, bytes, end: inner };
}

function skipLength(message: Message): void {
  message.reader.pos = enter(message).end;
}

function* resourceSpans(message: Message): Generator<OtlpSpan> {
  const resource: Attributes = new Map();
  // The order of fields is free, and the attributes of the resource belong to every span.
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
    yield* scopeSpans({ ...message, end }, resource);
  }
  message.reader.pos = message.end;
}

function readResource(message: Message, attributes: Attributes): void {
  for (const field of fieldsOf(message)) {
    if (field === 1) readAttribute(enter(message), attributes);
    else skipLength(message);
  }
}

function* scopeSpans(message: Message, resource: Attributes): Generator<OtlpSpan> {
  const scope: OtlpScope = { name: '', version: '' };
  for (const field of fieldsOf(message)) {
    // Every SDK writes the scope before its spans; the object is shared, so that another order works too.
    if (field === 1) Object.assign(scope, readScope(enter(message)));
    else if (field === 2) yield readSpan(enter(message), scope, resource);
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

function readSpan(message: Message, scope: OtlpScope, resource: Attributes): OtlpSpan {
  const attributes: Attributes = new Map();
  const { reader } = message;
  const span: OtlpSpan = {
    ...{ traceId: '', spanId: '', parentSpanId: '', start: 0, end: 0, statusCode: 0 },
    ...{ attributes, exception: undefined, scope, resource },
  };
  const readTime = (field: number, wireType: WireType) => {
    if (wireType !== WireType.Bit64 || (field !== 7 && field !== 8)) return false;
    const micros = Number(BigInt(reader.fixed64()) / 1_000n);
    if (field === 7) span.start = micros;
    else span.end = micros;
    return true;
  };
  for (const field of fieldsOf(message, readTime)) {
    if (field === 1) span.traceId = readId(message, 16, 'traceId');
    else if (field === 2) span.spanId = readId(message, 8, 'spanId');
    else if (field === 4) span.parentSpanId = readId(message, 8, 'parentSpanId');
    else if (field === 9) readAttribute(enter(message), attributes);
    else if (field === 11) span.exception = readException(enter(message)) ?? span.exception;
    else if (field === 15) span.statusCode = readStatus(enter(message));
    else skipLength(message);
  }
  return span;
}

/** An id of bytes as hexadecimal digits. */
function readId(message: Message, length: number, name: string): string {
  const { end } = enter(message);
  const { reader, bytes } = message;
  const size = end - reader.pos;
  if (size > length) throw new RangeError(`${name} has ${size} bytes`);
  const id = bytes.toString('hex', reader.pos, end);
  reader.pos = end;
  return id;
}

function readStatus(message: Message): number {
  let code = 0;
  const { reader } = message;
  const take = (field: number, wireType: WireType) => {
    if (field !== 3 || wireType !== WireType.Varint) return false;
    code = reader.int32();
    return true;
  };
  for (const _ of fieldsOf(message, take)) skipLength(message);
  return code;
}

function readException(message: Message): string | undefined {
  const attributes: Attributes = new Map();
  for (const field of fieldsOf(message)) {
    if (field === 3) readAttribute(enter(message), attributes);
    else skipLength(message);
  }
  const type = attributes.get('exception.type');
  return type === undefined ? undefined : String(type);
}

/** Reads a `KeyValue`. Its name decides whether the value is read at all. */
function readAttribute(message: Message, attributes: Attributes): void {
  const { reader, bytes, end } = message;
  let name: string | undefined;
  for (const field of fieldsOf(message)) {
    if (field === 1) {
      const at = enter(message);
      const isShort = at.end - reader.pos <= LONGEST_NAME;
      name = isShort ? bytes.toString('latin1', reader.pos, at.end) : undefined;
      reader.pos = at.end;
      if (name === undefined || !isWanted(name)) {
        reader.pos = end;
        return;
      }
    } else if (field === 2) {
      const value = readValue(enter(message));
      if (name !== undefined && value !== undefined) attributes.set(name, value);
    } else skipLength(message);
  }
}

/** Reads an `AnyValue`. Lists, maps and bytes are skipped. */
function readValue(message: Message): AttributeValue | undefined {
  const { reader } = message;
  let value: AttributeValue | undefined;
  const take = (field: number, wireType: WireType) => {
    if (field === 2 && wireType === WireType.Varint) value = reader.bool();
    else if (field === 3 && wireType === WireType.Varint) value = Number(reader.int64());
    else if (field === 4 && wireType === WireType.Bit64) value = reader.double();
    else return false;
    return true;
  };
  for (const field of fieldsOf(message, take)) {
    if (field === 1) value = readText(message);
    else skipLength(message);
  }
  return value;
}

function readText(message: Message): string {
  const { reader, bytes } = message;
  const { end } = enter(message);
  const text = bytes.toString('utf8', reader.pos, Math.min(end, reader.pos + LONGEST_TEXT));
  reader.pos = end;
  return text;
}
