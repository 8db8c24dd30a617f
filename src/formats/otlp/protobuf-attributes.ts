import { WireType } from '@bufbuild/protobuf/wire';
import { type ProtobufCursor, tagOf } from './protobuf-cursor.ts';
import type { Attributes, AttributeValue } from './span.ts';
import type { WantedNames } from './wanted-names.ts';

const NAME = tagOf(1, WireType.LengthDelimited);
const VALUE = tagOf(2, WireType.LengthDelimited);

/** Reads a `KeyValue` into attributes. Its name decides whether the value is read at all. */
export function readAttribute(
  cursor: ProtobufCursor,
  outerEnd: number,
  names: WantedNames,
  attributes: Attributes,
): void {
  const end = cursor.enter(outerEnd);
  let name: string | undefined;
  for (let tag = cursor.next(end); tag !== 0; tag = cursor.next(end)) {
    if (tag === NAME) {
      const nameEnd = cursor.enter(end);
      name = names.find(cursor.bytes, cursor.position, nameEnd);
      cursor.position = name === undefined ? end : nameEnd;
    } else if (tag === VALUE) {
      const value = readValue(cursor, end);
      if (name !== undefined && value !== undefined) attributes.set(name, value);
    } else cursor.skip(tag, end);
  }
}

const TEXT = tagOf(1, WireType.LengthDelimited);
const BOOLEAN = tagOf(2, WireType.Varint);
const INTEGER = tagOf(3, WireType.Varint);
const DOUBLE = tagOf(4, WireType.Bit64);

/** Reads an `AnyValue`. Lists, maps and bytes are skipped. */
export function readValue(cursor: ProtobufCursor, outerEnd: number): AttributeValue | undefined {
  const end = cursor.enter(outerEnd);
  let value: AttributeValue | undefined;
  for (let tag = cursor.next(end); tag !== 0; tag = cursor.next(end)) {
    if (tag === TEXT) value = cursor.text(end);
    else if (tag === INTEGER) value = cursor.int64();
    else if (tag === DOUBLE) value = cursor.double();
    else if (tag === BOOLEAN) value = cursor.boolean();
    else cursor.skip(tag, end);
  }
  return value;
}
