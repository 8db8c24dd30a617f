import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** The longest text that is kept. Longer ones are prompts, or are refused with the event. */
const LONGEST_TEXT = 10_000;
/** A number of one byte has its eighth bit unset. */
const ONE_BYTE = 0x80;
const FIRST_TAG = 8;
const WIRE_TYPE_BITS = 3;
/** 2^32 nanoseconds are so many whole microseconds, and so many nanoseconds more. */
const MICROS_OF_HIGH = 4_294_967;
const NANOS_OF_HIGH = 296;

/** How a field begins: its number and how its value is written. */
export function tagOf(field: number, wireType: WireType): number {
  return (field << WIRE_TYPE_BITS) | wireType;
}

/** Goes through protobuf messages field by field, without an object for a field or a message. */
export class ProtobufCursor {
  readonly bytes: Buffer;
  readonly #reader: BinaryReader;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#reader = new BinaryReader(bytes);
  }

  get position(): number {
    return this.#reader.pos;
  }

  set position(position: number) {
    this.#reader.pos = position;
  }

  /**
   * The tag of the next field of a message, or 0 at the end of the message. The caller must read or skip its value.
   * @param end of the message
   */
  next(end: number): number {
    const reader = this.#reader;
    if (reader.pos >= end) {
      if (reader.pos > end) throw new RangeError('a field ends beyond its message');
      return 0;
    }
    const tag = this.bytes[reader.pos] as number;
    if (tag >= FIRST_TAG && tag < ONE_BYTE) {
      reader.pos++;
      return tag;
    }
    const [field, wireType] = reader.tag();
    return tagOf(field, wireType);
  }

  /**
   * Goes into the message, text or bytes that begin here. Returns where they end.
   * @param outerEnd of the message around them
   */
  enter(outerEnd: number): number {
    const reader = this.#reader;
    const first = this.bytes[reader.pos] as number;
    let length = first;
    if (first < ONE_BYTE) reader.pos++;
    else length = reader.uint32();
    const end = reader.pos + length;
    if (!(end <= outerEnd)) throw new RangeError('a message ends beyond the one around it');
    return end;
  }

  /** Skips the value of a field of a message. */
  skip(tag: number, end: number): void {
    const wireType = tag & ((1 << WIRE_TYPE_BITS) - 1);
    if (wireType === WireType.LengthDelimited) this.#reader.pos = this.enter(end);
    else this.#reader.skip(wireType, tag >>> WIRE_TYPE_BITS);
  }

  /** A time of 64 bits, from nanoseconds to microseconds. */
  micros(): number {
    const low = this.#reader.fixed32();
    const high = this.#reader.fixed32();
    return high * MICROS_OF_HIGH + Math.floor((high * NANOS_OF_HIGH + low) / 1_000);
  }

  /** An id of bytes as hexadecimal digits. */
  id(outerEnd: number, length: number, name: string): string {
    const end = this.enter(outerEnd);
    const start = this.position;
    if (end - start > length) throw new RangeError(`${name} has ${end - start} bytes`);
    this.position = end;
    return this.bytes.toString('hex', start, end);
  }

  text(outerEnd: number): string {
    const end = this.enter(outerEnd);
    const start = this.position;
    this.position = end;
    return this.bytes.toString('utf8', start, Math.min(end, start + LONGEST_TEXT));
  }

  boolean(): boolean {
    return this.#reader.bool();
  }

  int32(): number {
    return this.#reader.int32();
  }

  /** Numbers beyond 2^53 are rounded; none is a possible count. */
  int64(): number {
    const first = this.bytes[this.position] as number;
    if (first < ONE_BYTE) {
      this.position++;
      return first;
    }
    return Number(this.#reader.int64());
  }

  double(): number {
    return this.#reader.double();
  }
}
