import { Command } from 'commander';
import { promote, rollUp } from '../../rollups/fold/roll-up.ts';
import { grains } from '../../rollups/grains.ts';
import { compact } from '../../rollups/upkeep/compact.ts';
import { FOLDS_TO_PROMOTE } from '../../rollups/worker.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { formatPairs } from '../table.ts';

/**
 * `tidemark roll-up`: does the work of a worker once, for use from cron. Like in a worker, a coarser grain consumes
 * waiting folds once there are enough of them. With `--promote` it consumes all of them, like the nightly schedule.
 */
export function rollUpCommand(): Command {
  return new Command('roll-up')
    .description('roll up all waiting events once; answers are correct with and without --promote')
    .option(
      '--promote',
      'also bring all grains up to date and compact them, like the nightly schedule',
      false,
    )
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
      ['folds consumed', folds],
    ])}\n`,
  );
}
