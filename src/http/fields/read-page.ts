/**
 * Reads one page of a list. It asks for one row more than the page holds, because only that row shows that another page
 * follows.
 *
 * @param limit entries per page
 * @param read reads at most so many rows
 * @param cursorOf the cursor of a page with this last entry, for `next`
 */
export async function readPage<Row>(
  limit: number,
  read: (rows: number) => Promise<Row[]>,
  cursorOf: (last: Row) => string,
): Promise<{ rows: Row[]; next: string | null }> {
  const found = await read(limit + 1);
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return { rows, next: last === undefined ? null : cursorOf(last) };
}
