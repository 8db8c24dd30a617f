import type { EventType } from './event-type.ts';
import { isObject, type JsonObject } from './json-object.ts';
import { MAX_METADATA_VALUE } from './read-envelope.ts';

/** An event whose unknown fields are in its metadata. */
interface Kept {
  input: JsonObject;
  /** The fields that were moved. */
  moved: readonly string[];
  /** How many of them were cut. */
  cut: number;
}

/**
 * Moves the fields of an event that its type does not have into its metadata, for a sender that asks for it. Objects and
 * lists are kept as their JSON, and long texts are cut. A field whose name the metadata already has stays, and is
 * refused like any unknown field.
 */
export function keepUnknown(input: JsonObject, definition: EventType, known: ReadonlySet<string>): Kept {
  const metadata = input.metadata ?? {};
  if (!isObject(metadata)) return { input, moved: [], cut: 0 };
  const moved = Object.keys(input).filter((name) => !known.has(name) && !Object.hasOwn(metadata, name));
  if (moved.length === 0 || definition.internal) return { input, moved: [], cut: 0 };
  // Without a prototype: a key may be called __proto__.
  const kept: JsonObject = Object.assign(Object.create(null), input);
  const all: JsonObject = Object.assign(Object.create(null), metadata);
  let cut = 0;
  for (const name of moved) {
    const value = asText(kept[name]);
    delete kept[name];
    if (value.length > MAX_METADATA_VALUE) cut++;
    all[name] = value.slice(0, MAX_METADATA_VALUE).replace(/[\ud800-\udbff]$/, '');
  }
  kept.metadata = all;
  return { input: kept, moved, cut };
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
