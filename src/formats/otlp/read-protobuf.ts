import { WireType } from '@bufbuild/protobuf/wire';
import { notEvents } from '../decoded-events.ts';
import { isWanted } from './attributes.ts';
import { type Origin, readProtobufExport } from './protobuf-export.ts';
import {
  enter,
  fieldsOf,
  type Message,
  readAttribute,
  readId,
  readMicros,
  skipLength,
} from './protobuf-fields.ts';
import type { Attributes, OtlpSpan } from './span.ts';

/**
 * Reads the spans of an `ExportTraceServiceRequest` one by one.
 * @throws {CodedError} `invalid_request` for bytes that are not such a message
 */
export function readProtobufSpans(bytes: Buffer): Generator<OtlpSpan> {
  return readProtobufExport(bytes, { request: 'ExportTraceServiceRequest', isWanted, readItem: readSpan });
}

function readSpan(message: Message, origin: Origin): OtlpSpan {
  const attributes: Attributes = new Map();
  const span: OtlpSpan = {
    ...{ traceId: '', spanId: '', parentSpanId: '', start: 0, end: 0, statusCode: 0 },
    ...{ attributes, exception: undefined, ...origin },
  };
  const takeTime = (field: number, wireType: WireType) => {
    if (wireType !== WireType.Bit64) return false;
    // The first field of a log record is its time, that of a span its trace.
    if (field === 1) throw notEvents('holds logs; send traces here, and logs to /v1/logs');
    if (field !== 7 && field !== 8) return false;
    const micros = readMicros(message);
    if (field === 7) span.start = micros;
    else span.end = micros;
    return true;
  };
  for (const field of fieldsOf(message, takeTime)) {
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
