import { Command } from 'commander';
import { type RepriceOptions, reprice, repriceDifference } from '../../rollups/remake/reprice.ts';
import { systemClock } from '../../time.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { commandLineCaller } from '../operator.ts';
import { showDifferences } from '../price-differences.ts';
import { readMoment } from '../read-moment.ts';

interface Flags {
  from: Date;
  to: Date;
  provider?: string;
  model?: string;
  apply: boolean;
}

/** `tidemark reprice`: applies the current prices to calls and jobs that are counted already. */
export function repriceCommand(): Command {
  return new Command('reprice')
    .description(
      'apply the current prices to past calls and jobs; shows the difference, and writes it with --apply',
    )
    .requiredOption('--from <time>', 'start of the range', readMoment)
    .requiredOption('--to <time>', 'end of the range, exclusive', readMoment)
    .option('--provider <name>', 'restrict it to this provider')
    .option('--model <name>', 'restrict it to calls to this model, under whatever name; leaves out jobs')
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
  process.stdout.write(showDifferences(differences, apply));
}
