import { eventTypes } from './catalogue.ts';
import type { EventType, LinesOf, Row } from './event-type.ts';
import { Refusal } from './field.ts';
import { isObject, type JsonObject, Reading } from './reading.ts';
import { binOf } from './sketch-bin.ts';

const fieldsOf = new Map(
  [...eventTypes.values()].map((definition) => [definition, Object.entries(definition.fields)]),
);

/** Reads the fields of a type into `row`, and whatever has no column into `attributes`. */
export function readFields(definition: EventType, reading: Reading, row: Row, attributes: JsonObject): void {
  for (const [name, field] of fieldsOf.get(definition) ?? []) {
    const value = reading.input[name];
    if (value === undefined || (value === null && field.optional)) {
      if (!field.optional) reading.refuse(name, 'is required');
      continue;
    }
    const read = field.read(value);
    if (read instanceof Refusal) reading.refuse(name, `must be ${read.expected}`);
    else if (field.column) row[field.column] = read;
    else attributes[name] = read;
  }
}

/** Reads the lines inside an event, each into a row of its own, until there are more faults than are told. */
export function readLines(lines: LinesOf, reading: Reading, head: Row): Row[] {
  const items = reading.input[lines.field];
  if (!Array.isArray(items) || items.length === 0 || items.length > lines.maxLines) {
    reading.refuse(lines.field, `must be an array of 1 to ${lines.maxLines} lines`);
    return [];
  }
  const known = new Set(Object.keys(lines.type.fields));
  const rows: Row[] = [];
  for (const [index, item] of items.entries()) {
    const name = `${lines.field}[${index}]`;
    if (reading.isFull) {
      reading.giveUpAt(name);
      break;
    }
    const row: Row = {};
    for (const column of lines.inherits) if (head[column] !== undefined) row[column] = head[column];
    if (isObject(item)) readLine(lines.type, new Reading(item, `${reading.at}.${name}`, reading), known, row);
    else reading.refuse(name, 'must be an object');
    rows.push(row);
  }
  return rows;
}

function readLine(definition: EventType, line: Reading, known: ReadonlySet<string>, row: Row): void {
  const attributes: JsonObject = {};
  readFields(definition, line, row, attributes);
  line.refuseUnknown(known);
  if (Object.keys(attributes).length > 0) row.attributes = JSON.stringify(attributes);
  if (line.isRight) deriveColumns(definition, line, row, []);
}

/** Fills the columns that follow from others; refuses amounts that a double would no longer hold exactly. */
export function deriveColumns(
  definition: EventType,
  reading: Reading,
  row: Row,
  lines: readonly Row[],
): void {
  definition.derive?.(row, lines);
  if (!definition.value) return;
  const value = Number(row.value);
  if (definition.value.kind === 'duration') row.value_bin = binOf(value);
  else if (!Number.isSafeInteger(value)) {
    reading.refuse(definition.lines?.field ?? 'priceCents', 'adds up to more than can be counted exactly');
  }
}
