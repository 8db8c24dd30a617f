import { type TSchema, Type } from 'typebox';

function described(description: string | undefined) {
  return description === undefined ? {} : { description };
}

/** The schema, or null. */
export function orNull<T extends TSchema>(schema: T, description?: string) {
  return Type.Union([schema, Type.Null()], described(description));
}

export function numberOrNull(description?: string) {
  return orNull(Type.Number(), description);
}

export function textOrNull(description?: string) {
  return orNull(Type.String(), description);
}
