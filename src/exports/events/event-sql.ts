/**
 * The cells of raw events as SQL, for `COPY … (format csv)`. PostgreSQL then writes the lines itself, several times as
 * fast as JavaScript does. A null is an empty cell, and COPY quotes a text as our CSV does.
 */

/** A time as files show it: without zeros at the end of its fraction. `to_json` is faster than `to_char`. */
export function timeSql(column: string): string {
  return `trim(both '"' from to_json(${column} at time zone 'UTC')::text) || 'Z'`;
}

/**
 * A text that a spreadsheet does not take for a formula. Almost all texts begin with a letter or digit, and pass the two
 * quick comparisons.
 */
export function protectedSql(text: string): string {
  return `case
    when ${text} >= 'A' and ${text} < '＀' then ${text}
    when left(${text}, 1) = any(array[${FORMULA_STARTS}]) then '''' || ${text}
    else ${text} end`;
}

/** As in `csv.ts`. */
const FORMULA_STARTS = `'=', '+', '-', '@', E'\\t', E'\\r', E'\\n', '＝', '＋', '－', '＠'`;

/** A whole number in smaller units, as the shortest decimal: as JavaScript writes the quotient. */
export function quotientSql(column: string, unitsPerOne: number): string {
  return `${column}::float8 / ${unitsPerOne}`;
}

/** The id as it was sent. */
export const sentIdSql = `case when e.attributes is not null and jsonb_typeof(e.attributes->'eventId') = 'string'
  then e.attributes->>'eventId' else e.event_id::text end`;

/** The fields of the sender. */
export const metadataSql = `(e.attributes->'metadata')::text`;

/** What is stored without a column and is neither metadata nor the sent id. */
export const otherAttributesSql = `nullif(e.attributes - 'eventId' - 'metadata', '{}'::jsonb)::text`;
