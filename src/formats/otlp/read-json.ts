import { isObject, type JsonObject } from '../../events/json-object.ts';
import { notEvents } from '../decoded-events.ts';
import { refuseTooMuchJson } from '../json-size.ts';
import { parseJsonBody } from '../parse-json.ts';
import { isWanted } from './attributes.ts';
import type { AttributeValue, OtlpSpan } from './span.ts';

/** Deeper values are prompts of agents at most; the reader itself does not go so deep. */
const MOST_LEVELS = 1_000;

/**
 * Reads the spans of an `ExportTraceServiceRequest` in JSON one by one. Unknown fields are ignored, as OTLP says.
 * @throws {CodedError} `invalid_json`, or `invalid_request` for JSON that is not such a request
 */
export function* readJsonSpans(body: Buffer): Generator<OtlpSpan> {
  refuseTooMuchJson(body);
  const parsed = parseJsonBody(body, MOST_LEVELS);
  if (!isObject(parsed)) throw notEvents('must be an object with resourceSpans');
  if (parsed.resourceSpans === undefined && Object.keys(parsed).some((name) => name.startsWith('resource'))) {
    throw notEvents('must have resourceSpans; send logs to /v1/logs and metrics to /v1/metrics');
  }
  for (const group of listOf(parsed, 'resourceSpans', '$')) {
    const resource = attributesOf(isObject(group.resource) ? group.resource.attributes : undefined);
    for (const scoped of listOf(group, 'scopeSpans', '$.resourceSpans[]')) {
      const given = isObject(scoped.scope) ? scoped.scope : {};
      const scope = { name: textOf(given.name), version: textOf(given.version) };
      for (const span of listOf(scoped, 'spans', '$.resourceSpans[].scopeSpans[]')) {
        yield { ...readSpan(span), scope, resource };
      }
    }
  }
}

function readSpan(span: JsonObject): Omit<OtlpSpan, 'scope' | 'resource'> {
  return {
    traceId: textOf(span.traceId).toLowerCase(),
    spanId: textOf(span.spanId).toLowerCase(),
    parentSpanId: textOf(span.parentSpanId).toLowerCase(),
    start: microsOf(span.startTimeUnixNano),
    end: microsOf(span.endTimeUnixNano),
    statusCode: statusOf(span.status),
    attributes: attributesOf(span.attributes),
    exception: exceptionOf(span.events),
  };
}

function listOf(parent: JsonObject, name: string, path: string): JsonObject[] {
  const list = parent[name];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || !list.every(isObject))
    throw notEvents(`must have an array of objects at ${path}.${name}`);
  return list;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Nanoseconds as text or number, as microseconds. Digits are cut before they are a number, so none is rounded. */
function microsOf(value: unknown): number {
  const text =
    typeof value === 'number' ? String(BigInt(Math.max(0, Math.trunc(value)) || 0)) : textOf(value);
  return /^\d{4,19}$/.test(text) ? Number(text.slice(0, -3)) : 0;
}

function statusOf(status: unknown): number {
  const code = isObject(status) ? status.code : undefined;
  if (code === 'STATUS_CODE_ERROR') return 2;
  return typeof code === 'number' ? code : 0;
}

function attributesOf(list: unknown): Map<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>();
  if (!Array.isArray(list)) return attributes;
  for (const entry of list) {
    if (!isObject(entry) || typeof entry.key !== 'string' || !isWanted(entry.key)) continue;
    const value = isObject(entry.value) ? anyValueOf(entry.value) : undefined;
    if (value !== undefined) attributes.set(entry.key, value);
  }
  return attributes;
}

function anyValueOf({
  stringValue,
  intValue,
  doubleValue,
  boolValue,
}: JsonObject): AttributeValue | undefined {
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  const number = intValue ?? doubleValue;
  if (typeof number === 'number') return number;
  if (typeof number !== 'string' || number.trim() === '') return undefined;
  const read = Number(number);
  return Number.isFinite(read) ? read : undefined;
}

function exceptionOf(events: unknown): string | undefined {
  if (!Array.isArray(events)) return undefined;
  let type: string | undefined;
  for (const event of events) {
    const found = isObject(event) ? attributesOf(event.attributes).get('exception.type') : undefined;
    if (found !== undefined) type = String(found);
  }
  return type;
}
