import { CodedError } from '../errors.ts';
import { DEFAULT_TYPE, eventTypes, publicTypes } from '../events/catalogue.ts';
import { didYouMean } from '../events/did-you-mean.ts';
import type { EventType } from '../events/event-type.ts';
import { knownNames } from '../events/read-event.ts';
import { formatTimestamp, parseTimestamp } from '../events/timestamp.ts';

/** How the rows of a file become events. `metadata.x` is the entry x of the event's metadata. */
export interface RowMapping {
  /** By field of the event: the column, or key, that holds it. */
  map: ReadonlyMap<string, string>;
  /** By field of the event: the same value for all, as text. */
  set: ReadonlyMap<string, string>;
  /** Of the rows that name none. */
  type?: string;
}

type Cells = Readonly<Record<string, unknown>>;
type Read = (text: string) => unknown;

const NUMBER = /^\s*[+-]?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i;
const METADATA = 'metadata.';

// What a text cannot be read as stays a text, and reading the event says what was expected instead.
const readNumber: Read = (text) => (NUMBER.test(text) ? Number(text) : text);
const readTime: Read = (text) => {
  const micros = parseTimestamp(text.trim(), { assumeUtc: true });
  return micros === undefined ? text : formatTimestamp(micros);
};
const readJson: Read = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

function readersOf(definition: EventType): Map<string, Read> {
  const readers = new Map<string, Read>([['occurredAt', readTime]]);
  for (const [name, { jsonSchema }] of Object.entries(definition.fields)) {
    if (jsonSchema.type === 'integer' || jsonSchema.type === 'number') readers.set(name, readNumber);
  }
  if (definition.lines) readers.set(definition.lines.field, readJson);
  return readers;
}

const readers = new Map([...eventTypes].map(([type, definition]) => [type, readersOf(definition)]));
const fieldNames = new Set(publicTypes.flatMap((definition) => [...(knownNames.get(definition) ?? [])]));

/** What to say of a name that no event has. */
function notAField(name: string, type = DEFAULT_TYPE): string {
  const meant = didYouMean(name, fieldNames);
  if (meant !== undefined) return `is not a field of an event; did you mean ${meant}?`;
  const definition = eventTypes.get(type);
  const names = [...((definition && knownNames.get(definition)) ?? [])].filter(
    (known) => known !== 'metadata',
  );
  return `is not a field of an event; those of type ${type} are ${names.join(', ')} and metadata.NAME`;
}

function isField(name: string): boolean {
  return fieldNames.has(name) || name.startsWith(METADATA);
}

/**
 * Makes events of rows. Cells of the name of a field become that field. With `textual` cells (CSV), numbers
 * and times are read from their text, a time without a zone is UTC, and other columns are passed over.
 * @throws {CodedError} `invalid_request` for a field that no event has, or that is both mapped and set
 */
export function createRowMapper({ map, set, type }: RowMapping, { textual }: { textual: boolean }) {
  for (const name of [...map.keys(), ...set.keys()]) {
    if (!isField(name)) throw new CodedError('invalid_request', `"${name}" ${notAField(name, type)}`);
    if (map.has(name) && set.has(name))
      throw new CodedError('invalid_request', `"${name}" is both mapped and set`);
  }
  const fieldsOf = new Map<string, string[]>();
  for (const [field, column] of map) fieldsOf.set(column, [...(fieldsOf.get(column) ?? []), field]);
  const isGiven = (name: string) => map.has(name) || set.has(name);

  return (cells: Cells): Record<string, unknown> => {
    // Without a prototype: a key may be called __proto__.
    const event: Record<string, unknown> = Object.create(null);
    for (const [name, value] of Object.entries(cells)) {
      const fields = fieldsOf.get(name);
      if (fields) for (const field of fields) event[field] = value;
      else if (!isGiven(name) && (!textual || isField(name))) event[name] = value;
    }
    for (const [field, value] of set) event[field] = value;
    if (event.type === undefined && type !== undefined) event.type = type;
    const definition = readers.get(String(event.type ?? DEFAULT_TYPE));
    for (const name of textual ? Object.keys(event) : set.keys()) {
      const read = definition?.get(name);
      if (read) event[name] = read(String(event[name]));
    }
    gatherMetadata(event);
    return event;
  };
}

function gatherMetadata(event: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(event)) {
    if (!name.startsWith(METADATA)) continue;
    event.metadata = { ...(event.metadata as object | undefined), [name.slice(METADATA.length)]: value };
    delete event[name];
  }
}
