import { Command } from 'commander';
import { rebuild } from '../../rollups/remake/rebuild.ts';
import { SECOND } from '../../time.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { formatMoment, readMoment } from '../read-moment.ts';
import { formatNumber, formatPairs } from '../table.ts';

interface Flags {
  from: Date;
  to: Date;
}

/** `tidemark rebuild`: rebuilds the rollups of whole days from raw events. */
export function rebuildCommand(): Command {
  return new Command('rebuild')
    .description('rebuild the rollups of a range from raw events; the range is widened to whole days (UTC)')
    .requiredOption('--from <time>', 'start of the range', readMoment)
    .requiredOption('--to <time>', 'end of the range, exclusive', readMoment)
    .action((flags: Flags) => onDatabase('rebuild', (context) => runRebuild(flags, context)));
}

async function runRebuild(range: Flags, { pool }: CommandContext): Promise<void> {
  const began = performance.now();
  const { from, to } = await rebuild(pool, range);
  const pairs = formatPairs([
    ['rebuilt from', formatMoment(from)],
    ['to', formatMoment(to)],
    ['time', `${formatNumber((performance.now() - began) / SECOND, 1)} s`],
  ]);
  process.stdout.write(`\n${pairs}\n`);
}
