import { isObject, type JsonObject } from '../../../events/json-object.ts';
import { anyValueOf, attributesOf, microsOf, readJsonExport, textOf } from '../json-export.ts';
import type { Origin } from '../protobuf-export.ts';
import { eventNameOf, type LogRecord, logAttributes } from './log-record.ts';

/**
 * Reads the records of an `ExportLogsServiceRequest` in JSON one by one.
 * @throws {CodedError} `invalid_json`, or `invalid_request` for JSON that is not such a request
 */
export function readJsonLogs(body: Buffer): Generator<LogRecord> {
  const lists = ['resourceLogs', 'scopeLogs', 'logRecords'] as const;
  return readJsonExport(body, { lists, names: logAttributes, readItem: readRecord });
}

function readRecord(record: JsonObject, origin: Origin): LogRecord {
  const attributes = attributesOf(record.attributes, logAttributes);
  const body = isObject(record.body) ? anyValueOf(record.body) : undefined;
  return {
    name: eventNameOf(textOf(record.eventName), attributes, body),
    time: microsOf(record.timeUnixNano) || microsOf(record.observedTimeUnixNano),
    attributes,
    ...origin,
  };
}
