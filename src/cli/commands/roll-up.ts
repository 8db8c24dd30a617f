import { Command } from 'commander';
import { promote, rollUp } from '../../rollups/fold/roll-up.ts';
import { grains } from '../../rollups/grains.ts';
import { compact } from '../../rollups/upkeep/compact.ts';
import { FOLDS_TO_PROMOTE } from '../../rollups/worker.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { formatPairs } from '../table.ts';

/**
 * `tidemark roll-up`: what a worker does, once, for a cron job in its place. Coarser grains take in what
 * waits when enough of it does, as in the worker; `--promote` makes them take in all, as the schedule does.
 */
export function rollUpCommand(): Command {
  return new Command('roll-up')
    .description('roll up all that waits, once; numbers are right whether or not --promote is given')
    .option('--promote', 'also bring all grains up to date and tidy up, as the schedule does at night', false)
    .action((flags: { promote: boolean }) =>
      onDatabase('roll-up', (context) => runRollUp(flags, context), { onStop: 'finish' }),
    );
}

async function runRollUp(
  flags: { promote: boolean },
  { pool, stopRequested }: CommandContext,
): Promise<void> {
  const untilDone = async (step: () => Promise<number>): Promise<number> => {
    for (let total = 0; ; ) {
      const done = stopRequested.aborted ? 0 : await step();
      if (done === 0) return total;
      total += done;
    }
  };
  const atLeast = flags.promote ? 1 : FOLDS_TO_PROMOTE;
  const batches = await untilDone(() => rollUp(pool));
  let folds = 0;
  for (const grain of grains.slice(1)) folds += await untilDone(() => promote(pool, grain, atLeast));
  if (flags.promote) for (const grain of grains) await untilDone(() => compact(pool, grain));
  process.stdout.write(
    `\n${formatPairs([
      ['batches rolled up', batches],
      ['folds taken in', folds],
    ])}\n`,
  );
}
