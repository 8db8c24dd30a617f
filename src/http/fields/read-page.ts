/**
 * Reads a page of a list. One row more than it holds is asked for: nothing else tells whether another page follows.
 *
 * @param limit entries on a page
 * @param read gives at most so many rows
 * @param placeOf where a page ends that has this as its last entry, for `next`
 */
export async function readPage<Row>(
  limit: number,
  read: (rows: number) => Promise<Row[]>,
  placeOf: (last: Row) => string,
): Promise<{ rows: Row[]; next: string | null }> {
  const found = await read(limit + 1);
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return { rows, next: last === undefined ? null : placeOf(last) };
}
