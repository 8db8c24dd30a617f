import { type BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { Attributes, AttributeValue } from './span.ts';

/** A message within the body: its fields are between `reader.pos` and `end`. */
export interface Message {
  reader: BinaryReader;
  bytes: Buffer;
  end: number;
  /** Whether an attribute is read at all. */
  isWanted(name: string): boolean;
}

/** No name of an attribute that is wanted is longer. */
const LONGEST_NAME = 100;
/** The longest text that is kept. Longer ones are prompts, or are refused with the event. */
const LONGEST_TEXT = 10_000;

/** Reads a field that has no length. Returns whether it did. */
type TakeField = (field: number, wireType: WireType) => boolean;

/**
 * The numbers of the fields of a message that have a length. Fields of other kinds are skipped, unless `take` reads them.
 * The caller must read or skip the value of each.
 */
export function* fieldsOf(message: Message, take?: TakeField): Generator<number> {
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
export function enter(message: Message): Message {
  const { reader } = message;
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > message.end) throw new RangeError('a message ends beyond the one around it');
  return { ...message, end };
}

export function skipLength(message: Message): void {
  message.reader.pos = enter(message).end;
}

/** A time of 64 bits, from nanoseconds to microseconds. */
export function readMicros({ reader }: Message): number {
  return Number(BigInt(reader.fixed64()) / 1_000n);
}

/** An id of bytes as hexadecimal digits. */
export function readId(message: Message, length: number, name: string): string {
  const { end } = enter(message);
  const { reader, bytes } = message;
  const size = end - reader.pos;
  if (size > length) throw new RangeError(`${name} has ${size} bytes`);
  const id = bytes.toString('hex', reader.pos, end);
  reader.pos = end;
  return id;
}

export function readText(message: Message): string {
  const { reader, bytes } = message;
  const { end } = enter(message);
  const text = bytes.toString('utf8', reader.pos, Math.min(end, reader.pos + LONGEST_TEXT));
  reader.pos = end;
  return text;
}

/** Reads a `KeyValue`. Its name decides whether the value is read at all. */
export function readAttribute(message: Message, attributes: Attributes): void {
  const { reader, bytes, end } = message;
  let name: string | undefined;
  for (const field of fieldsOf(message)) {
    if (field === 1) {
      const at = enter(message);
      const isShort = at.end - reader.pos <= LONGEST_NAME;
      name = isShort ? bytes.toString('latin1', reader.pos, at.end) : undefined;
      reader.pos = at.end;
      if (name === undefined || !message.isWanted(name)) {
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
export function readValue(message: Message): AttributeValue | undefined {
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
