import { Type } from 'typebox';
import { textOrNull } from './nullable.ts';
import { refuseParameter } from './query-parameters.ts';

/** Where a page of a list ends: the sort key of its last entry, and the id of that entry. */
export interface PageEnd {
  place: string;
  id: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The parameter that asks for the next page. */
export const afterParameter = Type.Optional(
  Type.String({ maxLength: 1_000, description: '`next` of the previous page. Without it: the first page.' }),
);

/** The field of an answer that leads to the next page. */
export const nextCursor = textOrNull('Send it as `after` to get the next page. null on the last page.');

/** The cursor holds the sort key itself, so the next page can be read even after that entry has been removed. */
export function cursorOf({ place, id }: PageEnd): string {
  return Buffer.from(JSON.stringify([place, id])).toString('base64url');
}

/**
 * Reads a cursor that `cursorOf` made.
 * @param isPlace whether a text can be a sort key of the list
 * @throws {CodedError} `invalid_request`
 */
export function readCursor(text: string, isPlace: (place: string) => boolean): PageEnd {
  const [place, id] = parsed(text);
  if (typeof place === 'string' && isPlace(place) && typeof id === 'string' && UUID.test(id)) {
    return { place, id };
  }
  throw refuseParameter('after', 'must be `next` of the previous page; leave it out for the first page');
}

/** The cursor of a list whose sort key is a text. The prefix keeps it from being empty. */
export function textCursorOf(key: string): string {
  return Buffer.from(`=${key}`).toString('base64url');
}

/** Reads a cursor that `textCursorOf` made. @throws {CodedError} `invalid_request` */
export function readTextCursor(text: string): string {
  const read = Buffer.from(text, 'base64url').toString();
  // PostgreSQL refuses a NUL in a text.
  if (read.startsWith('=') && !read.includes('\0')) return read.slice(1);
  throw refuseParameter('after', 'must be `next` of the previous page; leave it out for the first page');
}

function parsed(text: string): unknown[] {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}
