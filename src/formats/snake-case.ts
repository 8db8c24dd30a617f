import { publicTypes } from '../events/catalogue.ts';
import { isObject, type JsonObject } from '../events/json-object.ts';
import { knownNames } from '../events/read-event.ts';

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function namesBySnakeCase(names: Iterable<string>): Map<string, string> {
  return new Map(
    [...names].map((name) => [toSnakeCase(name), name] as const).filter(([snake, name]) => snake !== name),
  );
}

/** Names that other senders use and that are not the snake_case of a field of ours. */
const aliases = [['cost_estimate', 'costEstimateCents']] as const;

const eventNames = new Map([
  ...namesBySnakeCase(publicTypes.flatMap((definition) => [...(knownNames.get(definition) ?? [])])),
  ...aliases,
]);

/** The names within a line, by the field that holds the lines. */
const lineNames = new Map(
  publicTypes.flatMap(({ lines }) =>
    lines ? [[lines.field, namesBySnakeCase(Object.keys(lines.type.fields))] as const] : [],
  ),
);

/**
 * An object with its snake_case names replaced. An empty text under such a name counts as absent, since some languages
 * write a missing value so. A name that stands there in both forms stays as it is, and validation refuses it later.
 */
function rename(given: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  if (!Object.keys(given).some((name) => names.has(name))) return given;
  // Without a prototype: a key may be called __proto__.
  const renamed: JsonObject = Object.create(null);
  for (const [name, value] of Object.entries(given)) {
    const ours = names.get(name);
    if (ours === undefined || Object.hasOwn(given, ours)) renamed[name] = value;
    else if (value !== '') renamed[ours] = value;
  }
  return renamed;
}

/**
 * The event in the names of the HTTP contract, from an event that may use snake_case names (`event_id`,
 * `input_tokens`). The names follow from the catalogue. `cost_estimate` is in cents, like `costEstimateCents`. A value
 * that is not an object, and a name that is not ours, stay as they are.
 */
export function fromSnakeCase(given: unknown): unknown {
  if (!isObject(given)) return given;
  const event = rename(given, eventNames);
  for (const [field, names] of lineNames) {
    const lines = event[field];
    if (!Array.isArray(lines)) continue;
    const renamed = lines.map((line: unknown) => (isObject(line) ? rename(line, names) : line));
    return Object.assign(Object.create(null), event, { [field]: renamed });
  }
  return event;
}
