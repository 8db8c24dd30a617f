import { WireType } from '@bufbuild/protobuf/wire';
import { notEvents } from '../../decoded-events.ts';
import { readAttribute, readValue } from '../protobuf-attributes.ts';
import { type ProtobufCursor, tagOf } from '../protobuf-cursor.ts';
import { type Origin, readProtobufExport } from '../protobuf-export.ts';
import type { Attributes, AttributeValue } from '../span.ts';
import { eventNameOf, type LogRecord, logAttributes } from './log-record.ts';

/**
 * Reads the records of an `ExportLogsServiceRequest` one by one.
 * @throws {CodedError} `invalid_request` for bytes that are not such a message
 */
export function readProtobufLogs(bytes: Buffer): Generator<LogRecord> {
  const request = 'ExportLogsServiceRequest';
  return readProtobufExport(bytes, { request, names: logAttributes, readItem: readRecord });
}

const { LengthDelimited, Bit64 } = WireType;
const TIME = tagOf(1, Bit64);
/** The first field of a span is its trace, that of a metric its name. */
const FIRST_OF_OTHERS = tagOf(1, LengthDelimited);
const BODY = tagOf(5, LengthDelimited);
const ATTRIBUTE = tagOf(6, LengthDelimited);
const OBSERVED_TIME = tagOf(11, Bit64);
const EVENT_NAME = tagOf(12, LengthDelimited);

function readRecord(cursor: ProtobufCursor, outerEnd: number, origin: Origin): LogRecord {
  const end = cursor.enter(outerEnd);
  const attributes: Attributes = new Map();
  let name = '';
  let body: AttributeValue | undefined;
  let time = 0;
  let observed = 0;
  for (let tag = cursor.next(end); tag !== 0; tag = cursor.next(end)) {
    if (tag === TIME) time = cursor.micros();
    else if (tag === OBSERVED_TIME) observed = cursor.micros();
    else if (tag === BODY) body = readValue(cursor, end);
    else if (tag === ATTRIBUTE) readAttribute(cursor, end, logAttributes, attributes);
    else if (tag === EVENT_NAME) name = cursor.text(end);
    else if (tag === FIRST_OF_OTHERS)
      throw notEvents('holds no logs; send traces to /v1/traces and metrics to /v1/metrics');
    else cursor.skip(tag, end);
  }
  return { name: eventNameOf(name, attributes, body), time: time || observed, attributes, ...origin };
}
