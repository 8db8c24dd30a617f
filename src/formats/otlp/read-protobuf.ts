import { WireType } from '@bufbuild/protobuf/wire';
import { notEvents } from '../decoded-events.ts';
import { spanAttributes } from './attributes.ts';
import { readAttribute } from './protobuf-attributes.ts';
import { type ProtobufCursor, tagOf } from './protobuf-cursor.ts';
import { type Origin, readProtobufExport } from './protobuf-export.ts';
import type { Attributes, OtlpSpan } from './span.ts';

/**
 * Reads the spans of an `ExportTraceServiceRequest` one by one.
 * @throws {CodedError} `invalid_request` for bytes that are not such a message
 */
export function readProtobufSpans(bytes: Buffer): Generator<OtlpSpan> {
  const request = 'ExportTraceServiceRequest';
  return readProtobufExport(bytes, { request, names: spanAttributes, readItem: readSpan });
}

const { LengthDelimited, Bit64, Varint } = WireType;
const TRACE_ID = tagOf(1, LengthDelimited);
const TIME_OF_A_LOG = tagOf(1, Bit64);
const SPAN_ID = tagOf(2, LengthDelimited);
const PARENT_SPAN_ID = tagOf(4, LengthDelimited);
const START = tagOf(7, Bit64);
const END = tagOf(8, Bit64);
const ATTRIBUTE = tagOf(9, LengthDelimited);
const EVENT = tagOf(11, LengthDelimited);
const STATUS = tagOf(15, LengthDelimited);

function readSpan(cursor: ProtobufCursor, outerEnd: number, { scope, resource }: Origin): OtlpSpan {
  const spanEnd = cursor.enter(outerEnd);
  const attributes: Attributes = new Map();
  const span: OtlpSpan = {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    start: 0,
    end: 0,
    statusCode: 0,
    attributes,
    exception: undefined,
    scope,
    resource,
  };
  for (let tag = cursor.next(spanEnd); tag !== 0; tag = cursor.next(spanEnd)) {
    if (tag === ATTRIBUTE) readAttribute(cursor, spanEnd, spanAttributes, attributes);
    else if (tag === TRACE_ID) span.traceId = cursor.id(spanEnd, 16, 'traceId');
    else if (tag === SPAN_ID) span.spanId = cursor.id(spanEnd, 8, 'spanId');
    else if (tag === PARENT_SPAN_ID) span.parentSpanId = cursor.id(spanEnd, 8, 'parentSpanId');
    else if (tag === START) span.start = cursor.micros();
    else if (tag === END) span.end = cursor.micros();
    else if (tag === EVENT) span.exception = readException(cursor, spanEnd) ?? span.exception;
    else if (tag === STATUS) span.statusCode = readStatus(cursor, spanEnd);
    else if (tag === TIME_OF_A_LOG) throw notEvents('holds logs; send traces here, and logs to /v1/logs');
    else cursor.skip(tag, spanEnd);
  }
  return span;
}

const STATUS_CODE = tagOf(3, Varint);

function readStatus(cursor: ProtobufCursor, outerEnd: number): number {
  const end = cursor.enter(outerEnd);
  let code = 0;
  for (let tag = cursor.next(end); tag !== 0; tag = cursor.next(end)) {
    if (tag === STATUS_CODE) code = cursor.int32();
    else cursor.skip(tag, end);
  }
  return code;
}

const ATTRIBUTE_OF_AN_EVENT = tagOf(3, LengthDelimited);

function readException(cursor: ProtobufCursor, outerEnd: number): string | undefined {
  const end = cursor.enter(outerEnd);
  const attributes: Attributes = new Map();
  for (let tag = cursor.next(end); tag !== 0; tag = cursor.next(end)) {
    if (tag === ATTRIBUTE_OF_AN_EVENT) readAttribute(cursor, end, spanAttributes, attributes);
    else cursor.skip(tag, end);
  }
  const type = attributes.get('exception.type');
  return type === undefined ? undefined : String(type);
}
