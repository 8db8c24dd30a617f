import { type TSchema, Type } from 'typebox';

const described = (description: string | undefined) => (description === undefined ? {} : { description });

/** What a schema says, or null. */
export const orNull = <T extends TSchema>(schema: T, description?: string) =>
  Type.Union([schema, Type.Null()], described(description));

export const numberOrNull = (description?: string) => orNull(Type.Number(), description);
export const textOrNull = (description?: string) => orNull(Type.String(), description);
