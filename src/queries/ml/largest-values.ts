/** Stands for the values of a label that an answer does not show one by one. */
export const REST = Symbol('rest');

/** A group of jobs: by its name, `null` for jobs without one, or all values beyond the most. */
export type GroupName = string | null | typeof REST;

interface Counted {
  count: number;
}

/**
 * Returns a function that names the group of a row: the value itself if it is one of the largest, else `REST`. Groups are
 * chosen before they are tallied, because a tally holds a sketch, and a label may have 50,000 values.
 * @param most the most groups, the rest included
 */
export function largestValues<Row extends Counted>(
  rows: readonly Row[],
  nameOf: (row: Row) => string | null,
  most: number,
): (row: Row) => GroupName {
  const counts = new Map<string | null, number>();
  for (const row of rows) {
    const value = nameOf(row);
    counts.set(value, (counts.get(value) ?? 0) + row.count);
  }
  if (counts.size <= most) return nameOf;
  const bySize = [...counts].sort(([a, m], [b, n]) => n - m || ((a ?? '') < (b ?? '') ? -1 : 1));
  const shown = new Set(bySize.slice(0, most - 1).map(([value]) => value));
  return (row) => {
    const value = nameOf(row);
    return shown.has(value) ? value : REST;
  };
}
