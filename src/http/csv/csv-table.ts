/**
 * A table of an answer: which of its lists are the rows. The schema of the answer gives the columns, so a field that is
 * added to an answer is in its CSV too.
 */
export interface CsvTable {
  /** The field with the list of rows, such as `series`. Absent: the answer itself is the only row. */
  rows?: string;
  /** An object inside each row whose fields are columns of their own names. */
  lift?: string;
  /** A list inside each row with a row for each of its entries, such as the amounts in each currency. */
  expand?: string;
  /** Fields of a row that are no columns, because they are another table. */
  omit?: readonly string[];
  /** The field that counts all rows, if the list may be cut. */
  total?: string;
}

/** The tables of an answer by name. The first is the one that is sent unless `table` names another. */
export type CsvTables = Readonly<Record<string, CsvTable>>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer can also be sent as CSV. */
    csv?: CsvTables;
  }
}

/** The route, whose answer can also be sent as CSV. */
export function alsoCsv<R extends { config: object }>(route: R, tables: CsvTables) {
  return { ...route, config: { ...route.config, csv: tables } };
}
