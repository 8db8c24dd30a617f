import type { ReactNode } from 'react';
import { words } from '../words/parts.ts';
import styles from './data-table.module.css';

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** What the column is sorted by; without it the column cannot be sorted. */
  sortBy?: (row: Row) => number | string | null;
  /** Numbers stand on the right. */
  isNumber?: boolean;
}

interface DataTableProps<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** The id of a column, with `-` before it for the largest first. */
  sort?: string | undefined;
  onSort?: (sort: string) => void;
  /** The row below all others, such as a total. */
  footer?: ReactNode;
  /** On a phone each row is a card, with the title of the column above each value. A table of few columns has room there. */
  isCards?: boolean;
}

/** So many columns have room on a phone. */
const MOST_ON_A_PHONE = 3;

/** A table that scrolls inside its box, and can be sorted by its columns. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const {
    caption,
    columns,
    rows,
    keyOf,
    sort,
    onSort,
    footer,
    isCards = columns.length > MOST_ON_A_PHONE,
  } = props;
  const sorted = sortRows(rows, columns, sort);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys scroll it.
    <section className={styles.box} tabIndex={0} aria-label={words.tableOf(caption)}>
      <table className={`${styles.table} ${isCards ? styles.cards : ''}`}>
        <caption className="hidden-text">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                className={column.isNumber ? styles.number : undefined}
                aria-sort={directionOf(column.id, sort)}
              >
                {column.sortBy === undefined || onSort === undefined ? (
                  column.title
                ) : (
                  <button type="button" onClick={() => onSort(nextSort(column, sort))}>
                    {column.title}
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.id} scope="row">
                    {column.cell(row)}
                  </th>
                ) : (
                  <td
                    key={column.id}
                    className={column.isNumber ? styles.number : undefined}
                    data-title={column.title}
                  >
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
        {footer !== undefined && <tfoot>{footer}</tfoot>}
      </table>
    </section>
  );
}

function directionOf(id: string, sort: string | undefined): 'ascending' | 'descending' | undefined {
  if (sort === id) return 'ascending';
  return sort === `-${id}` ? 'descending' : undefined;
}

/** Numbers begin with the largest, texts with the first. */
function nextSort<Row>({ id, isNumber }: Column<Row>, sort: string | undefined): string {
  const [first, second] = isNumber ? [`-${id}`, id] : [id, `-${id}`];
  return sort === first ? second : first;
}

/** Rows in the order of a column; what has no value comes last either way. */
function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: string | undefined,
): readonly Row[] {
  const isDescending = sort?.startsWith('-') ?? false;
  const { sortBy } = columns.find(({ id }) => id === sort?.replace(/^-/, '')) ?? {};
  if (sortBy === undefined) return rows;
  return rows.toSorted((one, other) => {
    const [a, b] = [sortBy(one), sortBy(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const order = typeof a === 'string' ? a.localeCompare(String(b)) : a - Number(b);
    return isDescending ? -order : order;
  });
}
