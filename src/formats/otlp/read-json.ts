import { isObject, type JsonObject } from '../../events/json-object.ts';
import { spanAttributes } from './attributes.ts';
import { attributesOf, microsOf, readJsonExport, textOf } from './json-export.ts';
import type { Origin } from './protobuf-export.ts';
import type { OtlpSpan } from './span.ts';

/**
 * Reads the spans of an `ExportTraceServiceRequest` in JSON one by one.
 * @throws {CodedError} `invalid_json`, or `invalid_request` for JSON that is not such a request
 */
export function readJsonSpans(body: Buffer): Generator<OtlpSpan> {
  const lists = ['resourceSpans', 'scopeSpans', 'spans'] as const;
  return readJsonExport(body, { lists, names: spanAttributes, readItem: readSpan });
}

function readSpan(span: JsonObject, origin: Origin): OtlpSpan {
  return {
    traceId: textOf(span.traceId).toLowerCase(),
    spanId: textOf(span.spanId).toLowerCase(),
    parentSpanId: textOf(span.parentSpanId).toLowerCase(),
    start: microsOf(span.startTimeUnixNano),
    end: microsOf(span.endTimeUnixNano),
    statusCode: statusOf(span.status),
    attributes: attributesOf(span.attributes, spanAttributes),
    exception: exceptionOf(span.events),
    ...origin,
  };
}

function statusOf(status: unknown): number {
  const code = isObject(status) ? status.code : undefined;
  if (code === 'STATUS_CODE_ERROR') return 2;
  return typeof code === 'number' ? code : 0;
}

function exceptionOf(events: unknown): string | undefined {
  if (!Array.isArray(events)) return undefined;
  let type: string | undefined;
  for (const event of events) {
    const found = isObject(event)
      ? attributesOf(event.attributes, spanAttributes).get('exception.type')
      : undefined;
    if (found !== undefined) type = String(found);
  }
  return type;
}
