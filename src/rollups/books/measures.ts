import { catalogue } from '../../events/catalogue.ts';

/** How one number of the books is computed. The SQL aliases are `r` for rollups and `s` for their series. */
interface Measure {
  /** Over rows of raw events. */
  raw: string;
  rolledUp: string;
}

const failures = catalogue.flatMap(({ type, failures }) =>
  failures.map((status) => `('${type}', '${status}')`),
);
const withCosts = catalogue
  .filter(({ fields }) => Object.values(fields).some(({ column }) => column === 'cost'))
  .map(({ type }) => `'${type}'`);

function isFailed(type: string, status: string): string {
  return `(${type}, ${status}) in (${failures.join(', ')})`;
}

function summed(raw: string, rolledUp = raw): Measure {
  return { raw: `coalesce(sum(${raw}), 0)`, rolledUp: `coalesce(sum(r.${rolledUp}), 0)` };
}

function counted(raw: string, rolledUp: string): Measure {
  return {
    raw: `count(*) filter (where ${raw})`,
    rolledUp: `coalesce(sum(r.count) filter (where ${rolledUp}), 0)`,
  };
}

const measures = {
  events: { raw: 'count(*)', rolledUp: 'coalesce(sum(r.count), 0)' },
  failed: counted(isFailed('type', 'status'), isFailed('r.type', 's.status')),
  // Events of unknown cost have a series of their own, so none of its rows has a cost.
  unpriced: counted(
    `cost is null and type in (${withCosts.join(', ')})`,
    `r.cost is null and r.type in (${withCosts.join(', ')})`,
  ),
  value: summed('value', 'value_sum'),
  input_tokens: summed('input_tokens'),
  cached_input_tokens: summed('cached_input_tokens'),
  output_tokens: summed('output_tokens'),
  cost: summed('cost'),
} as const satisfies Record<string, Measure>;

/** The columns of `analytics.daily_books` with numbers. */
export type BookedColumn = keyof typeof measures;
export const bookedColumns = Object.keys(measures) as BookedColumn[];

/** The numbers of a type on a day: whole numbers, costs in nano-dollars. */
export type BookTotals = Record<BookedColumn, bigint>;

/** The columns of the rollups that the numbers are computed from. */
export const measuredColumns: readonly string[] = [
  'count',
  'value_sum',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'cost',
];

/** The numbers as SQL, each under the name of its column. */
export function measuresSql(side: keyof Measure): string {
  return bookedColumns.map((column) => `${measures[column][side]} as ${column}`).join(', ');
}

export function noTotals(): BookTotals {
  return Object.fromEntries(bookedColumns.map((column) => [column, 0n])) as BookTotals;
}

/** Adds the numbers of a row, which the driver reads as text or numbers, to totals. */
export function addTotals(totals: BookTotals, row: Record<BookedColumn, string | number>): void {
  for (const column of bookedColumns) totals[column] += BigInt(row[column]);
}
