import { WireType } from '@bufbuild/protobuf/wire';
import { notEvents } from '../../decoded-events.ts';
import { type Origin, readProtobufExport } from '../protobuf-export.ts';
import {
  enter,
  fieldsOf,
  type Message,
  readAttribute,
  readMicros,
  readText,
  readValue,
  skipLength,
} from '../protobuf-fields.ts';
import type { Attributes, AttributeValue } from '../span.ts';
import { eventNameOf, isWantedOfLogs, type LogRecord } from './log-record.ts';

/**
 * Reads the records of an `ExportLogsServiceRequest` one by one.
 * @throws {CodedError} `invalid_request` for bytes that are not such a message
 */
export function readProtobufLogs(bytes: Buffer): Generator<LogRecord> {
  const request = 'ExportLogsServiceRequest';
  return readProtobufExport(bytes, { request, isWanted: isWantedOfLogs, readItem: readRecord });
}

function readRecord(message: Message, origin: Origin): LogRecord {
  const attributes: Attributes = new Map();
  let name = '';
  let body: AttributeValue | undefined;
  let time = 0;
  let observed = 0;
  const takeTime = (field: number, wireType: WireType) => {
    if (wireType !== WireType.Bit64 || (field !== 1 && field !== 11)) return false;
    if (field === 1) time = readMicros(message);
    else observed = readMicros(message);
    return true;
  };
  for (const field of fieldsOf(message, takeTime)) {
    // The first field of a span is its trace, that of a metric its name.
    if (field === 1) throw notEvents('holds no logs; send traces to /v1/traces and metrics to /v1/metrics');
    if (field === 5) body = readValue(enter(message));
    else if (field === 6) readAttribute(enter(message), attributes);
    else if (field === 12) name = readText(message);
    else skipLength(message);
  }
  return { name: eventNameOf(name, attributes, body), time: time || observed, attributes, ...origin };
}
