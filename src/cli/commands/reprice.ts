import { Command } from 'commander';
import { NANODOLLARS_PER_CENT } from '../../events/field.ts';
import { scopeName } from '../../prices/price.ts';
import type { PriceDifference } from '../../rollups/remake/price-difference.ts';
import { type RepriceOptions, reprice, repriceDifference } from '../../rollups/remake/reprice.ts';
import { systemClock } from '../../time.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { commandLineCaller } from '../operator.ts';
import { readMoment } from '../read-moment.ts';
import { formatNumber, formatTable } from '../table.ts';

interface Flags {
  from: Date;
  to: Date;
  provider?: string;
  apply: boolean;
}

/** `tidemark reprice`: applies the current prices to jobs that are counted already. */
export function repriceCommand(): Command {
  return new Command('reprice')
    .description('apply the current prices to past ML jobs; shows the difference, and writes it with --apply')
    .requiredOption('--from <time>', 'start of the range', readMoment)
    .requiredOption('--to <time>', 'end of the range, exclusive', readMoment)
    .option('--provider <name>', 'restrict it to jobs of this provider')
    .option('--apply', 'write the new costs to raw events and to the rollups of all grains', false)
    .addHelpText(
      'after',
      '\nA cost that came with the event stays. Running the command again changes nothing more.',
    )
    .action((flags: Flags) => onDatabase('reprice', (context) => runReprice(flags, context)));
}

async function runReprice(
  { apply, ...range }: Flags,
  { pool, stopRequested }: CommandContext,
): Promise<void> {
  const options: RepriceOptions = { ...range, signal: stopRequested };
  const differences = apply
    ? await reprice(pool, options, { caller: commandLineCaller('tidemark reprice'), clock: systemClock })
    : await repriceDifference(pool, options);
  if (differences.length > 0) process.stdout.write(`\n${differenceTable(differences)}`);
  process.stdout.write(`\n${summary(differences, apply)}\n`);
}

function inCents(nanodollars: number): string {
  return formatNumber(nanodollars / NANODOLLARS_PER_CENT, 4);
}

/** If no job is priced, the cost is unknown, which is not 0. */
function ifKnown(nanodollars: number, { jobs }: PriceDifference, unpriced: number): string {
  return unpriced === jobs ? '-' : inCents(nanodollars);
}

function signed(nanodollars: number): string {
  return `${nanodollars > 0 ? '+' : ''}${inCents(nanodollars)}`;
}

function differenceTable(differences: readonly PriceDifference[]): string {
  return formatTable(
    [
      { title: 'jobs of' },
      ...['jobs', 'changed', 'cents before', 'cents after', 'difference', 'unpriced before', 'after'].map(
        (title) => ({ title, align: 'right' as const }),
      ),
    ],
    differences.map((row) => [
      scopeName(row),
      formatNumber(row.jobs),
      formatNumber(row.changed),
      ifKnown(row.before, row, row.unpricedBefore),
      ifKnown(row.after, row, row.unpricedAfter),
      row.changed === 0 && row.unpricedAfter === row.jobs ? '-' : signed(row.after - row.before),
      formatNumber(row.unpricedBefore),
      formatNumber(row.unpricedAfter),
    ]),
  );
}

function summary(differences: readonly PriceDifference[], apply: boolean): string {
  const sum = (name: 'jobs' | 'changed' | 'fromSums') =>
    differences.reduce((total, row) => total + row[name], 0);
  if (differences.length === 0) return '  Nothing to price: every job in the range came with its own cost.\n';
  const lines = [
    sum('changed') === 0
      ? `Nothing to change: all ${formatNumber(sum('jobs'))} jobs have the cost of the current prices.`
      : `${formatNumber(sum('changed'))} of ${formatNumber(sum('jobs'))} jobs ${apply ? 'got another cost' : 'would get another cost; write it with --apply'}.`,
  ];
  if (sum('fromSums') > 0) {
    lines.push(
      `${formatNumber(sum('fromSums'))} jobs are left only in rollups, so their costs are computed from sums. They are exact to half a`,
      'nano-dollar a job. If any job of a rollup has tokens, all of its jobs count as having them.',
    );
  }
  return lines.map((line) => `  ${line}\n`).join('');
}
