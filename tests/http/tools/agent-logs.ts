import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { attributes, message, text } from './otlp-samples.ts';

type Value = string | number;

/** A record as an agent logs it: the name of the event, its attributes, and a body that may be a prompt. */
export interface AgentLog {
  attributes: Record<string, Value>;
  body?: string;
  /** Milliseconds since the epoch. */
  at: number;
}

function keyValues(values: Record<string, Value>) {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : Number.isInteger(value)
          ? { intValue: String(value) }
          : { doubleValue: value },
  }));
}

/** An `ExportLogsServiceRequest` as JSON. */
export function logsRequest(scope: string, logs: readonly AgentLog[]) {
  const logRecords = logs.map(({ attributes: values, body, at }) => ({
    timeUnixNano: `${at}000000`,
    ...(body !== undefined && { body: { stringValue: body } }),
    attributes: keyValues(values),
  }));
  const resource = { attributes: keyValues({ 'service.name': scope.split('.').at(-1) ?? scope }) };
  const scopeLogs = [{ scope: { name: scope, version: '2.1.0' }, logRecords }];
  return { resourceLogs: [{ resource, scopeLogs }] };
}

/** The same request as protobuf. */
export function logsAsProtobuf({ resourceLogs }: ReturnType<typeof logsRequest>): Buffer {
  const writer = new BinaryWriter();
  for (const { resource, scopeLogs } of resourceLogs) {
    message(writer, 1, () => {
      message(writer, 1, () => attributes(writer, 1, resource.attributes));
      for (const { scope, logRecords } of scopeLogs) {
        message(writer, 2, () => {
          message(writer, 1, () => {
            text(writer, 1, scope.name);
            text(writer, 2, scope.version);
          });
          for (const record of logRecords) {
            message(writer, 2, () => {
              writer.tag(1, WireType.Bit64).fixed64(record.timeUnixNano);
              writer.tag(2, WireType.Varint).int32(9);
              if (record.body) message(writer, 5, () => text(writer, 1, record.body?.stringValue));
              attributes(writer, 6, record.attributes);
              writer.tag(8, WireType.Bit32).fixed32(1);
              writer.tag(11, WireType.Bit64).fixed64(record.timeUnixNano);
            });
          }
        });
      }
    });
  }
  return Buffer.from(writer.finish());
}
