import { readFileSync } from 'node:fs';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

// biome-ignore lint/suspicious/noExplicitAny: a request of OTLP as JSON, which tests read and change freely
type Json = any;

/** The day of the samples, 2026-07-14T09:00:00Z, in nanoseconds. */
const SAMPLE_TIME = 1_784_019_600_000_000_000n;

/** A sample of this folder as text. */
export function sampleText(name: string): string {
  return readFileSync(new URL(`samples/${name}.json`, import.meta.url), 'utf8');
}

/** A sample of OTLP whose times are moved to an hour before now. */
export function otlpSample(name: string): Json {
  const move = BigInt(Date.now() - 3_600_000) * 1_000_000n - SAMPLE_TIME;
  const text = sampleText(name).replace(
    /("(?:start|end)TimeUnixNano": ")(\d+)"/g,
    (_all, before: string, time: string) => `${before}${BigInt(time) + move}"`,
  );
  return JSON.parse(text);
}

/** The same request as protobuf, as an exporter would encode it. */
export function asProtobuf(request: Json): Buffer {
  const writer = new BinaryWriter();
  for (const group of request.resourceSpans) {
    message(writer, 1, () => {
      message(writer, 1, () => attributes(writer, 1, group.resource?.attributes));
      for (const scoped of group.scopeSpans) message(writer, 2, () => scopeSpans(writer, scoped));
    });
  }
  return Buffer.from(writer.finish());
}

export function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

export function text(writer: BinaryWriter, field: number, value: string | undefined): void {
  if (value !== undefined) writer.tag(field, WireType.LengthDelimited).string(value);
}

function id(writer: BinaryWriter, field: number, hex: string | undefined): void {
  if (hex !== undefined) writer.tag(field, WireType.LengthDelimited).bytes(Buffer.from(hex, 'hex'));
}

function scopeSpans(writer: BinaryWriter, { scope, spans }: Json): void {
  message(writer, 1, () => {
    text(writer, 1, scope?.name);
    text(writer, 2, scope?.version);
  });
  for (const span of spans) {
    message(writer, 2, () => {
      id(writer, 1, span.traceId);
      id(writer, 2, span.spanId);
      id(writer, 4, span.parentSpanId);
      text(writer, 5, span.name);
      writer.tag(6, WireType.Varint).int32(span.kind);
      writer.tag(7, WireType.Bit64).fixed64(span.startTimeUnixNano);
      writer.tag(8, WireType.Bit64).fixed64(span.endTimeUnixNano);
      attributes(writer, 9, span.attributes);
      for (const event of span.events ?? []) {
        message(writer, 11, () => {
          text(writer, 2, event.name);
          attributes(writer, 3, event.attributes);
        });
      }
      message(writer, 15, () => {
        text(writer, 2, span.status?.message);
        if (span.status?.code) writer.tag(3, WireType.Varint).int32(span.status.code);
      });
    });
  }
}

export function attributes(writer: BinaryWriter, field: number, list: Json[] = []): void {
  for (const { key, value } of list) {
    message(writer, field, () => {
      text(writer, 1, key);
      message(writer, 2, () => anyValue(writer, value));
    });
  }
}

function anyValue(writer: BinaryWriter, value: Json): void {
  text(writer, 1, value.stringValue);
  if (value.boolValue !== undefined) writer.tag(2, WireType.Varint).bool(value.boolValue);
  if (value.intValue !== undefined) writer.tag(3, WireType.Varint).int64(value.intValue);
  if (value.doubleValue !== undefined) writer.tag(4, WireType.Bit64).double(value.doubleValue);
  if (value.arrayValue) {
    message(writer, 5, () => {
      for (const item of value.arrayValue.values) message(writer, 1, () => anyValue(writer, item));
    });
  }
}
