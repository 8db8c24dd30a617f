import { escapeLiteral } from 'pg';

/** Writes texts as an array in SQL, for statements that can have no parameters. */
export function textArray(texts: Iterable<string>): string {
  return `${escapeLiteral(`{${[...texts].map(quoteElement).join()}}`)}::text[]`;
}

/** Quotes one text for the literal of an array, such as `{"a","b"}`. */
export function quoteElement(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
