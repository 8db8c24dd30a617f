import { eventTypes } from './catalogue.ts';
import type { EventType, LinesOf, Row } from './event-type.ts';
import { AMOUNT_UNITS_PER_CENT, Refusal, withoutVariants } from './field.ts';
import { InputReader } from './input-reader.ts';
import { isObject, type JsonObject } from './json-object.ts';
import type { CostSource } from './pricing.ts';
import { binOf } from './sketch-bin.ts';

const fieldsOf = new Map(
  [...eventTypes.values()].map((definition) => [definition, Object.entries(definition.fields)]),
);

/** Reads the fields of a type: those with a column into `row`, the others into `attributes`. */
export function readFields(
  definition: EventType,
  reader: InputReader,
  row: Row,
  attributes: JsonObject,
): void {
  for (const [name, field] of fieldsOf.get(definition) ?? []) {
    const value = reader.input[name];
    if (value === undefined || (value === null && field.optional)) {
      if (!field.optional) reader.refuse(name, 'is required');
      continue;
    }
    if (field.insteadOf !== undefined && isSent(reader.input[field.insteadOf])) {
      reader.refuse(name, `must not be sent together with ${field.insteadOf}; send one of them`);
      continue;
    }
    const read = field.read(value);
    if (read instanceof Refusal) reader.refuse(name, `must be ${read.expected}`);
    else {
      if (field.cutAt !== undefined && withoutVariants(String(value)).length > field.cutAt) reader.countCut();
      if (field.column) row[field.column] = read;
      else attributes[name] = read;
    }
  }
}

/** Reads the lines inside an event, each into a row of its own. Stops when no more faults will be named. */
export function readLines(lines: LinesOf, reader: InputReader, head: Row): Row[] {
  const items = reader.input[lines.field];
  if (lines.unless !== undefined && isSent(reader.input[lines.unless])) {
    if (isSent(items))
      reader.refuse(lines.field, `must not be sent together with ${lines.unless}; send one of them`);
    return [];
  }
  if (!Array.isArray(items) || items.length === 0 || items.length > lines.maxLines) {
    const instead = lines.unless === undefined ? '' : `; or send ${lines.unless}`;
    reader.refuse(lines.field, `must be an array of 1 to ${lines.maxLines} lines${instead}`);
    return [];
  }
  const known = new Set(Object.keys(lines.type.fields));
  const rows: Row[] = [];
  for (const [index, item] of items.entries()) {
    const name = `${lines.field}[${index}]`;
    if (reader.isFull) {
      reader.stopAt(name);
      break;
    }
    const row: Row = {};
    for (const column of lines.inherits) if (head[column] !== undefined) row[column] = head[column];
    if (isObject(item))
      readLine(lines.type, new InputReader(item, `${reader.at}.${name}`, reader), known, row);
    else reader.refuse(name, 'must be an object');
    rows.push(row);
  }
  return rows;
}

function isSent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function readLine(definition: EventType, line: InputReader, known: ReadonlySet<string>, row: Row): void {
  const attributes: JsonObject = {};
  readFields(definition, line, row, attributes);
  line.refuseUnknown(known);
  if (Object.keys(attributes).length > 0) row.attributes = JSON.stringify(attributes);
  if (line.isRight) deriveColumns(definition, line, row, []);
}

/** Fills the columns that follow from others. Refuses fields that contradict each other, and amounts that are not exact. */
export function deriveColumns(
  definition: EventType,
  reader: InputReader,
  row: Row,
  lines: readonly Row[],
): void {
  const fault = definition.check?.(row, lines);
  if (fault) {
    reader.refuse(fault.field, fault.message);
    return;
  }
  definition.derive?.(row, lines);
  if (definition.mayLackCost)
    row.cost_source = (row.cost === undefined ? 'none' : 'given') satisfies CostSource;
  if (!definition.value || row.value === undefined) return;
  const value = Number(row.value);
  if (definition.value.kind === 'duration') row.value_bin = binOf(value);
  else if (!Number.isSafeInteger(value)) {
    reader.refuse(
      definition.lines?.field ?? 'priceCents',
      `adds up to more than ${Number.MAX_SAFE_INTEGER / AMOUNT_UNITS_PER_CENT} cents, the most that is exact`,
    );
  }
}
