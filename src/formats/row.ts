/** One row of a file, as it stands there and as it was read. */
export interface ImportRow {
  /** The line of the file on which the row ends; the first is 1. */
  line: number;
  raw: string;
  /** The values by column or key, or why the row cannot be read. */
  cells: Record<string, unknown> | string;
}

/** The name of a column or key as it is compared: spreadsheets put spaces around names. */
export function columnName(text: string): string {
  return text.trim().normalize();
}

/** The longest row or line that is read. Events are far smaller; the bound keeps a broken file out of memory. */
export const MAX_ROW_BYTES = 1_000_000;
