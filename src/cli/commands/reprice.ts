import { Command } from 'commander';
import { COST_UNITS_PER_CENT } from '../../events/field.ts';
import { scopeName } from '../../prices/price.ts';
import type { PriceDifference } from '../../rollups/remake/price-difference.ts';
import { type RepriceOptions, reprice, repriceDifference } from '../../rollups/remake/reprice.ts';
import { systemClock } from '../../time.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { atTheCommandLine } from '../operator.ts';
import { readMoment } from '../read-moment.ts';
import { formatNumber, formatTable } from '../table.ts';

interface Flags {
  from: Date;
  to: Date;
  provider?: string;
  apply: boolean;
}

/** `tidemark reprice`: prices jobs that have been counted by the prices as they are now. */
export function repriceCommand(): Command {
  return new Command('reprice')
    .description(
      'price ML jobs anew by the prices as they are now; shows the difference, and writes with --apply',
    )
    .requiredOption('--from <time>', 'jobs from here on', readMoment)
    .requiredOption('--to <time>', 'up to here, without it', readMoment)
    .option('--provider <name>', 'only jobs of this provider')
    .option('--apply', 'write it: raw events, and rollups at every grain', false)
    .addHelpText(
      'after',
      '\nWhat jobs say of their cost themselves stays. Running it again changes nothing more.',
    )
    .action((flags: Flags) => onDatabase('reprice', (context) => runReprice(flags, context)));
}

async function runReprice(
  { apply, ...range }: Flags,
  { pool, stopRequested }: CommandContext,
): Promise<void> {
  const options: RepriceOptions = { ...range, signal: stopRequested };
  const differences = apply
    ? await reprice(pool, options, { deed: atTheCommandLine('tidemark reprice'), clock: systemClock })
    : await repriceDifference(pool, options);
  if (differences.length > 0) process.stdout.write(`\n${differenceTable(differences)}`);
  process.stdout.write(`\n${summary(differences, apply)}\n`);
}

function inCents(units: number): string {
  return formatNumber(units / COST_UNITS_PER_CENT, 4);
}

/** Of jobs none of which is priced nothing is known, which is not 0. */
function ifKnown(units: number, { jobs }: PriceDifference, unpriced: number): string {
  return unpriced === jobs ? '-' : inCents(units);
}

function signed(units: number): string {
  return `${units > 0 ? '+' : ''}${inCents(units)}`;
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
  if (differences.length === 0)
    return '  Nothing to price: no job of this time leaves its cost to the prices.\n';
  const lines = [
    sum('changed') === 0
      ? `Nothing to change: all ${formatNumber(sum('jobs'))} jobs have the cost that the prices give them.`
      : `${formatNumber(sum('changed'))} of ${formatNumber(sum('jobs'))} jobs ${apply ? 'were given another cost' : 'would get another cost; --apply gives it'}.`,
  ];
  if (sum('fromSums') > 0) {
    lines.push(
      `Of ${formatNumber(sum('fromSums'))} only rollups are left: their costs are worked out of sums, right to half a`,
      'ten-thousandth of a cent a job, and jobs of a rollup count as telling their tokens where any of them does.',
    );
  }
  return lines.map((line) => `  ${line}\n`).join('');
}
