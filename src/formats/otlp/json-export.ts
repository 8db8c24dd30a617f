import { isObject, type JsonObject } from '../../events/json-object.ts';
import { notEvents } from '../decoded-events.ts';
import { refuseTooMuchJson } from '../json-size.ts';
import { parseJsonBody } from '../parse-json.ts';
import type { Origin } from './protobuf-export.ts';
import type { Attributes, AttributeValue } from './span.ts';
import type { WantedNames } from './wanted-names.ts';

/** Deeper values are prompts of agents at most; the reader itself does not go so deep. */
const MOST_LEVELS = 1_000;

/** What an export of one signal holds, by the names of its lists. */
export interface JsonSignal<T> {
  /** The list of groups by resource, by scope, and of the items. */
  lists: readonly [resources: string, scopes: string, items: string];
  /** The attributes that are read. */
  names: WantedNames;
  readItem(item: JsonObject, origin: Origin): T;
}

/** Where each signal is sent, by the name of its list. */
const PATHS: Readonly<Record<string, string>> = {
  resourceSpans: 'traces to /v1/traces',
  resourceLogs: 'logs to /v1/logs',
  resourceMetrics: 'metrics to /v1/metrics',
};

/**
 * Reads the items of an export in JSON one by one. Unknown fields are ignored, as OTLP says.
 * @throws {CodedError} `invalid_json`, or `invalid_request` for JSON that is not such a request
 */
export function* readJsonExport<T>(body: Buffer, signal: JsonSignal<T>): Generator<T> {
  refuseTooMuchJson(body);
  const parsed = parseJsonBody(body, MOST_LEVELS);
  const [resources, scopes, items] = signal.lists;
  if (!isObject(parsed)) throw notEvents(`must be an object with ${resources}`);
  const other = Object.keys(PATHS).find((name) => parsed[name] !== undefined);
  if (parsed[resources] === undefined && other !== undefined) {
    throw notEvents(`has ${other}, and must have ${resources}; send ${PATHS[other]}`);
  }
  for (const group of listOf(parsed, resources, '$')) {
    const given = isObject(group.resource) ? group.resource.attributes : undefined;
    const resource = attributesOf(given, signal.names);
    for (const scoped of listOf(group, scopes, `$.${resources}[]`)) {
      const { name, version } = isObject(scoped.scope) ? scoped.scope : {};
      const scope = { name: textOf(name), version: textOf(version) };
      for (const item of listOf(scoped, items, `$.${resources}[].${scopes}[]`)) {
        yield signal.readItem(item, { scope, resource });
      }
    }
  }
}

function listOf(parent: JsonObject, name: string, path: string): JsonObject[] {
  const list = parent[name];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || !list.every(isObject))
    throw notEvents(`must have an array of objects at ${path}.${name}`);
  return list;
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Nanoseconds as text or number, as microseconds. Digits are cut before they are a number, so none is rounded. */
export function microsOf(value: unknown): number {
  const text =
    typeof value === 'number' ? String(BigInt(Math.max(0, Math.trunc(value)) || 0)) : textOf(value);
  return /^\d{4,19}$/.test(text) ? Number(text.slice(0, -3)) : 0;
}

/** The attributes of a list that are wanted. */
export function attributesOf(list: unknown, names: WantedNames): Attributes {
  const attributes: Attributes = new Map();
  if (!Array.isArray(list)) return attributes;
  for (const entry of list) {
    if (!isObject(entry) || typeof entry.key !== 'string' || !names.has(entry.key)) continue;
    const value = isObject(entry.value) ? anyValueOf(entry.value) : undefined;
    if (value !== undefined) attributes.set(entry.key, value);
  }
  return attributes;
}

/** The value of an `AnyValue`; `undefined` for lists, maps and bytes. */
export function anyValueOf({
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
