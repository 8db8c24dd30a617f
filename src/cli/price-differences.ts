import { NANODOLLARS_PER_CENT, NANODOLLARS_PER_DOLLAR } from '../events/field.ts';
import { usage } from '../events/types/usage.ts';
import type { PriceDifference } from '../rollups/remake/price-difference.ts';
import { formatNumber, formatTable } from './table.ts';

/** Words for what is repriced. Prices of jobs are in cents, those of calls in dollars. */
interface Wording {
  title: string;
  events: string;
  unit: string;
  nanodollars: number;
}

const CALLS: Wording = {
  ...{ title: 'calls to', events: 'calls', unit: 'dollars' },
  nanodollars: NANODOLLARS_PER_DOLLAR,
};
const JOBS: Wording = {
  ...{ title: 'jobs of', events: 'jobs', unit: 'cents' },
  nanodollars: NANODOLLARS_PER_CENT,
};

/** The differences of a repricing as tables, one of jobs and one of calls, with a summary of each below. */
export function showDifferences(differences: readonly PriceDifference[], applied: boolean): string {
  if (differences.length === 0)
    return '\n  Nothing to price: every job and call in the range came with its own cost.\n\n';
  const ofCalls = differences.filter(({ type }) => type === usage.type);
  const ofJobs = differences.filter(({ type }) => type !== usage.type);
  const parts = [
    { rows: ofJobs, wording: JOBS },
    { rows: ofCalls, wording: CALLS },
  ].filter(({ rows }) => rows.length > 0);
  return parts
    .map(({ rows, wording }) => `\n${tableOf(rows, wording)}\n${summary(rows, applied, wording)}\n`)
    .join('');
}

function tableOf(rows: readonly PriceDifference[], wording: Wording): string {
  const { title, events, unit } = wording;
  const inUnit = (nanodollars: number) => formatNumber(nanodollars / wording.nanodollars, 4);
  // If no event is priced, the cost is unknown, which is not 0.
  const ifKnown = (nanodollars: number, row: PriceDifference, unpriced: number) =>
    unpriced === row.events ? '-' : inUnit(nanodollars);
  const signed = (nanodollars: number) => `${nanodollars > 0 ? '+' : ''}${inUnit(nanodollars)}`;
  return formatTable(
    [
      { title },
      ...[events, 'changed', `${unit} before`, `${unit} after`, 'difference', 'unpriced before', 'after'].map(
        (name) => ({ title: name, align: 'right' as const }),
      ),
    ],
    rows.map((row) => [
      row.scope.filter((part) => part !== null).join(' / '),
      formatNumber(row.events),
      formatNumber(row.changed),
      ifKnown(row.before, row, row.unpricedBefore),
      ifKnown(row.after, row, row.unpricedAfter),
      row.changed === 0 && row.unpricedAfter === row.events ? '-' : signed(row.after - row.before),
      formatNumber(row.unpricedBefore),
      formatNumber(row.unpricedAfter),
    ]),
  );
}

function summary(rows: readonly PriceDifference[], applied: boolean, { events }: Wording): string {
  const sum = (name: 'events' | 'changed' | 'fromSums' | 'kept') =>
    rows.reduce((total, row) => total + row[name], 0);
  const lines = [
    sum('changed') === 0
      ? `Nothing to change: all ${formatNumber(sum('events'))} ${events} have the cost of the current prices.`
      : `${formatNumber(sum('changed'))} of ${formatNumber(sum('events'))} ${events} ${applied ? 'got another cost' : 'would get another cost; write it with --apply'}.`,
  ];
  const fromSums = sum('fromSums') - sum('kept');
  if (fromSums > 0) {
    lines.push(
      `${formatNumber(fromSums)} ${events} are left only in rollups, so their costs are computed from sums. They are exact to half a`,
      'nano-dollar each.',
    );
    if (events === JOBS.events)
      lines.push('If any job of a rollup has tokens, all of its jobs count as having them.');
  }
  if (sum('kept') > 0) {
    lines.push(
      `${formatNumber(sum('kept'))} ${events} keep their cost. Their raw events are gone, and sums do not tell which tier or whose tokens are known.`,
    );
  }
  return lines.map((line) => `  ${line}\n`).join('');
}
