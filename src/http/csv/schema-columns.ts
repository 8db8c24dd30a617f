import type { JsonObject } from '../../events/json-object.ts';
import type { Column } from '../../exports/writing/columns.ts';

/** What this file reads of a JSON schema. */
export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  items?: Schema;
  anyOf?: readonly Schema[];
  enum?: readonly unknown[];
  const?: unknown;
  /** The schema of the values of an object with any keys. */
  patternProperties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  'x-time'?: true;
}

/** A column, and where its cells are in a row. */
export interface PlacedColumn extends Column {
  path: readonly string[];
}

/** Where a value is within a row, and whether a row may lack it. */
interface Place {
  path: readonly string[];
  name: string;
  optional: boolean;
}

/**
 * The columns of rows with this schema: a column for each value, named for its path. An object with any keys has a column
 * for each key that a row has. An optional value that no row has is no column.
 */
export function columnsOf(schema: Schema, rows: readonly JsonObject[]): PlacedColumn[] {
  return columnsAt(schema, { path: [], name: '', optional: false }, rows);
}

/** The value of a row at a path; `undefined` where the row ends before. */
export function valueAt(row: unknown, path: readonly string[]): unknown {
  let value = row;
  for (const step of path) value = (value as JsonObject | null | undefined)?.[step];
  return value;
}

/** The schema of a value that may be null, without the null. */
export function withoutNull(schema: Schema): Schema {
  return schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
}

function columnsAt(given: Schema, place: Place, rows: readonly JsonObject[]): PlacedColumn[] {
  const schema = withoutNull(given);
  if (schema.properties !== undefined) {
    const { required = [] } = schema;
    return Object.entries(schema.properties).flatMap(([key, inner]) =>
      columnsAt(inner, below(place, key, place.optional || !required.includes(key)), rows),
    );
  }
  const ofAnyKey = valuesOf(schema);
  if (ofAnyKey !== undefined) {
    const keys = new Set(
      rows.flatMap((row) => Object.keys((valueAt(row, place.path) as JsonObject | null) ?? {})),
    );
    return [...keys].sort().flatMap((key) => columnsAt(ofAnyKey, below(place, key, false), rows));
  }
  if (place.optional && rows.every((row) => valueAt(row, place.path) === undefined)) return [];
  return [{ name: place.name, type: typeOf(schema), path: place.path }];
}

function below({ path, name }: Place, key: string, optional: boolean): Place {
  return { path: [...path, key], name: name === '' ? snakeCase(key) : `${name}_${snakeCase(key)}`, optional };
}

/** The schema of the values of an object with any keys, or `undefined`. */
function valuesOf({ patternProperties, additionalProperties }: Schema): Schema | undefined {
  const [values] = Object.values(patternProperties ?? {});
  return values ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
}

function typeOf(schema: Schema): Column['type'] {
  if (schema['x-time']) return 'time';
  switch (schema.type ?? typeof (schema.const ?? schema.enum?.[0])) {
    case 'integer':
      return 'integer';
    case 'number':
      return 'decimal';
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'text';
    default:
      return 'json';
  }
}

function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
