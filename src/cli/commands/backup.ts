import { Command } from 'commander';
import { createBackup } from '../../backup/create-backup.ts';
import { systemClock } from '../../time.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { ProgressBar } from '../progress-bar.ts';
import { formatNumber, formatPairs } from '../table.ts';

/** `tidemark backup`: writes the database into a file, while the service runs. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('write the whole database into a file, from one moment; the service may run meanwhile')
    .argument('<file>', 'file to create; only its owner may read it, because it holds secrets')
    .action((file: string) =>
      onDatabase('backup', (context) => runBackup(file, context), { migrates: false }),
    );
}

async function runBackup(file: string, { pool }: CommandContext): Promise<void> {
  const began = performance.now();
  let progress: ProgressBar | undefined;
  const made = await createBackup(pool, file, {
    clock: systemClock,
    onTable: (table, index, count) => {
      progress ??= new ProgressBar('tables', count);
      progress.show(index, table);
    },
  }).finally(() => progress?.end());
  const rows = made.tables.reduce((sum, table) => sum + table.rows, 0);
  const pairs = formatPairs([
    ['file', file],
    ['tables', made.tables.length],
    ['rows', rows],
    ['megabytes', `${formatNumber(made.bytes / 1e6, 1)}`],
    ['time', `${formatNumber((performance.now() - began) / 1_000, 1)} s`],
  ]);
  const leftOut = made.leftOut.map(
    (name) => `  Left out, because it is not of Tidemark: analytics.${name}\n`,
  );
  process.stdout.write(`\n${pairs}${leftOut.join('')}\n`);
}
