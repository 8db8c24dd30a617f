/** One row of a file, as it was and as it was read. */
export interface ImportRow {
  /** The line of the file it ends on; the first is 1. */
  line: number;
  raw: string;
  /** By column or key, or why it cannot be told. */
  cells: Record<string, unknown> | string;
}

/** An event is far smaller; a longer row is a broken one, and must not fill the memory. */
export const MAX_ROW_BYTES = 1_000_000;
