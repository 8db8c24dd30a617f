import { Type } from 'typebox';
import { refuseParameter } from './query-parameters.ts';

/** Where a page of a list ends: the place of its last entry in the order of the list, and its id. */
export interface PageEnd {
  place: string;
  id: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The parameter that asks for the next page. */
export const afterParameter = Type.Optional(
  Type.String({ maxLength: 1_000, description: '`next` of the page before.' }),
);

/** The place itself, and not only the entry that has it: the next page follows also when that is gone. */
export function cursorOf({ place, id }: PageEnd): string {
  return Buffer.from(JSON.stringify([place, id])).toString('base64url');
}

/**
 * Reads what `cursorOf` gave.
 * @param isPlace whether a text can be the place of an entry
 * @throws {CodedError} `invalid_request`
 */
export function readCursor(text: string, isPlace: (place: string) => boolean): PageEnd {
  const [place, id] = parsed(text);
  if (typeof place === 'string' && isPlace(place) && typeof id === 'string' && UUID.test(id)) {
    return { place, id };
  }
  throw refuseParameter('after', 'must be `next` of the page before, or be left out for the first page');
}

function parsed(text: string): unknown[] {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}
