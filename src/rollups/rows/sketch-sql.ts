/**
 * In the database a sketch is bytes, six for each entry: a bin (int2) and its number of values (int4). A bin may have
 * several entries, so two sketches are merged by concatenation.
 */
const ENTRY_BYTES = 6;
/** A sketch with more entries than this is counted by bin when rows are merged; a smaller one stays as it is. */
const COUNTED_ABOVE = 256;
const MOST = 2 ** 31 - 1;

/** The sketch of raw events: one entry for each event with a value. */
export const sketchOfEvents = `string_agg(int2send(value_bin), '\\x00000001'::bytea) || '\\x00000001'::bytea`;

/** Rows of `bin` and `n`, its number of values. The sketch is decompressed once, before its bytes are read. */
export function sketchEntries(sketch: string): string {
  const byte = (offset: number) => `get_byte(bytes, at + ${offset})`;
  return `
    select ((((${byte(0)} << 8) | ${byte(1)}) # 32768) - 32768)::smallint as bin,
      ((${byte(2)} << 24) | (${byte(3)} << 16) | (${byte(4)} << 8) | ${byte(5)})::bigint as n
    from (select ${sketch} || ''::bytea as bytes offset 0) as flat,
      generate_series(0, length(bytes) - 1, ${ENTRY_BYTES}) as at`;
}

/**
 * The same sketch; with one entry for each bin if it has many entries. To count every sketch took four times as long. The
 * subquery extracts the entries first. Otherwise a plan sorts a copy of the sketch with each: 30,000 entries took 39 s.
 */
export function countedSketch(sketch: string): string {
  return `
  case when length(${sketch}) <= ${COUNTED_ABOVE * ENTRY_BYTES} then ${sketch} else (
    select string_agg(int2send(bin) || int4send(least(n, ${MOST})::int), ''::bytea)
    from (select bin, sum(n) as n from (${sketchEntries(sketch)} offset 0) as e group by bin) as counted
  ) end`;
}
