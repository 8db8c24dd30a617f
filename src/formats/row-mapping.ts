import { CodedError } from '../errors.ts';
import { DEFAULT_TYPE, eventTypes, publicTypes } from '../events/catalogue.ts';
import { didYouMean } from '../events/did-you-mean.ts';
import type { EventType } from '../events/event-type.ts';
import { microsOfEpoch } from '../events/field.ts';
import { knownNames } from '../events/read-event.ts';
import { formatTimestamp, parseTimestamp } from '../events/timestamp.ts';
import { columnName } from './row.ts';

/** How the rows of a file become events. A field `metadata.x` is the entry x of the event's metadata; so is `labels.x`. */
export interface RowMapping {
  /** The column or key that holds a field, by field of the event. */
  map: ReadonlyMap<string, string>;
  /** The value that a field has in all events, as text, by field of the event. */
  set: ReadonlyMap<string, string>;
  /** The type of events whose row names no type. */
  type?: string;
}

type Cells = Readonly<Record<string, unknown>>;
type Read = (text: string) => unknown;

const NUMBER = /^\s*[+-]?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i;
/** Fields of an event that are objects of texts. */
const OBJECTS = ['metadata', 'labels'] as const;

// A text that cannot be converted stays a text; the validation of the event then says what was expected.
const readNumber: Read = (text) => (NUMBER.test(text) ? Number(text) : text);
const readTime: Read = (text) => {
  const micros = NUMBER.test(text)
    ? microsOfEpoch(Number(text))
    : parseTimestamp(text.trim(), { assumeUtc: true });
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

/** The message about a name that no event has. */
function notAField(name: string, type = DEFAULT_TYPE): string {
  const meant = didYouMean(name, fieldNames);
  if (meant !== undefined) return `is not a field of an event; did you mean ${meant}?`;
  const definition = eventTypes.get(type);
  const names = [...((definition && knownNames.get(definition)) ?? [])].filter(
    (known) => !OBJECTS.some((name) => name === known),
  );
  const entries = definition?.fields.labels === undefined ? [] : ['labels.NAME'];
  return `is not a field of an event; the fields of type ${type} are ${[...names, ...entries].join(', ')} and metadata.NAME`;
}

function isField(name: string): boolean {
  return fieldNames.has(name) || objectOf(name) !== undefined;
}

/**
 * Returns a function that makes an event of a row. A cell becomes the field of its name. With `textual` cells (CSV),
 * numbers and times are read from text, a time without a zone is UTC, and other columns are ignored.
 * @throws {CodedError} `invalid_request` for a field that no event has, and for a field that is both mapped and set
 */
export function createRowMapper({ map, set, type }: RowMapping, { textual }: { textual: boolean }) {
  for (const name of [...map.keys(), ...set.keys()]) {
    if (!isField(name)) throw new CodedError('invalid_request', `"${name}" ${notAField(name, type)}`);
    if (map.has(name) && set.has(name))
      throw new CodedError('invalid_request', `"${name}" is both mapped and set; keep one of the two`);
  }
  const fieldsOf = new Map<string, string[]>();
  for (const [field, given] of map) {
    const column = textual ? columnName(given) : given;
    fieldsOf.set(column, [...(fieldsOf.get(column) ?? []), field]);
  }
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
    gatherObjects(event);
    return event;
  };
}

/** A column of a file that no field of an event is read from. */
export interface UnusedColumn {
  /** How it is shown: its name, or its number if it has no name. */
  column: string;
  /** Why it is not used, and what may have been meant. */
  reason: string;
}

/** The columns of a CSV file that no event takes a value from. */
export function unusedColumns(columns: readonly string[], { map, set }: RowMapping): UnusedColumn[] {
  const mapped = new Set([...map.values()].map(columnName));
  const free = [...fieldNames].filter((name) => !columns.includes(name) && !map.has(name) && !set.has(name));
  const reasonOf = (name: string): string | undefined => {
    if (mapped.has(name)) return undefined;
    if (name === '') return 'has no name';
    if (set.has(name)) return 'is given by --set';
    if (map.has(name)) return `is read from the column "${map.get(name)}" by --map`;
    if (isField(name)) return undefined;
    const meant = didYouMean(name, free);
    return meant === undefined ? 'is not a field of an event' : `did you mean ${meant}?`;
  };
  return columns.flatMap((name, index) => {
    const reason = reasonOf(name);
    return reason === undefined
      ? []
      : [{ column: name === '' ? `column ${index + 1}` : `"${name}"`, reason }];
  });
}

/** The object that a field such as `metadata.team` is an entry of. */
function objectOf(name: string): (typeof OBJECTS)[number] | undefined {
  return OBJECTS.find((object) => name.startsWith(`${object}.`));
}

function gatherObjects(event: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(event)) {
    const object = objectOf(name);
    if (object === undefined) continue;
    event[object] = { ...(event[object] as object | undefined), [name.slice(object.length + 1)]: value };
    delete event[name];
  }
}
