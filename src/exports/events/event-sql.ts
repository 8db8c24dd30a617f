/**
 * The cells of raw events as SQL, for `COPY … (format csv)`. PostgreSQL then writes the lines itself, several times as
 * fast as JavaScript does. A null is an empty cell, and COPY quotes a text as our CSV does.
 */

/** A time as files show it: without zeros at the end of its fraction, which `to_char` writes. */
export function timeSql(column: string): string {
  return `replace((${column} at time zone 'UTC')::text, ' ', 'T') || 'Z'`;
}

/** A text that a spreadsheet does not take for a formula. Comparing the code of one character is the fastest way. */
export function protectedSql(text: string): string {
  return `case when ascii(${text}) = any('{${FORMULA_STARTS}}') then '''' || ${text} else ${text} end`;
}

/** As in `csv.ts`. Despite its name, `ascii` gives the code of any character. */
const FORMULA_STARTS = [...'=+-@\t\r\n＝＋－＠'].map((start) => start.codePointAt(0));

/** A whole number in smaller units, as the shortest decimal: as JavaScript writes the quotient. */
export function quotientSql(column: string, unitsPerOne: number): string {
  return `${column}::float8 / ${unitsPerOne}`;
}

/** The id as it was sent. The id of the column is a UUID, which is no formula. */
export function sentIdSql({ raw }: { raw: boolean }): string {
  const sent = `(e.attributes->>'eventId')`;
  return `case when jsonb_typeof(e.attributes->'eventId') = 'string'
    then ${raw ? sent : protectedSql(sent)} else e.event_id::text end`;
}

/** The fields of the sender. */
export const metadataSql = `(e.attributes->'metadata')::text`;

/** What is stored without a column and is neither metadata nor the sent id. */
export const otherAttributesSql = `nullif(e.attributes - 'eventId' - 'metadata', '{}'::jsonb)::text`;
