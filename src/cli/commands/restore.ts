import { Command } from 'commander';
import type { StoredGrant } from '../../backup/format.ts';
import { type RestoredBackup, restoreBackup } from '../../backup/restore-backup.ts';
import { migrate } from '../../database/schema/migrate.ts';
import { reconcile } from '../../rollups/reconcile/reconcile.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { ProgressBar } from '../progress-bar.ts';
import { formatNumber, formatPairs } from '../table.ts';

interface Flags {
  replace: boolean;
  reconcile: boolean;
}

/** Exit code if rollups and raw events differ. */
const DRIFTED = 1;

/** `tidemark restore`: brings a backup into an empty database, and compares its numbers with its raw events. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description('restore a file of tidemark backup, as a whole or not at all; stop the service first')
    .argument('<file>', 'file to restore')
    .option('--replace', 'delete the data that the database has', false)
    .option('--no-reconcile', 'do not compare rollups with raw events afterwards')
    .addHelpText('after', '\nExit codes: 0 if it is restored and the numbers agree, 1 otherwise.')
    .action((file: string, flags: Flags) =>
      onDatabase('restore', (context) => runRestore(file, flags, context), { migrates: false }),
    );
}

async function runRestore(file: string, flags: Flags, context: CommandContext): Promise<void> {
  const { pool, connectionString, log, stopRequested } = context;
  const began = performance.now();
  let progress: ProgressBar | undefined;
  const restored = await restoreBackup(pool, file, {
    replace: flags.replace,
    log,
    onTable: (table, index, count) => {
      progress ??= new ProgressBar('tables', count);
      progress.show(index, table);
    },
  }).finally(() => progress?.end());
  const seconds = (performance.now() - began) / 1_000;
  const migrated = await migrate(connectionString, { log, direction: 'up', stopRequested });
  const drift = flags.reconcile ? (await reconcile(pool)).drifts.length : undefined;
  process.stdout.write(`\n${summary(restored, { seconds, migrated, drift })}\n`);
  if (drift) {
    process.stdout.write('  The numbers differ from the raw events. See tidemark reconcile.\n\n');
    process.exitCode ||= DRIFTED;
  }
}

function summary(
  { header, rows, missedGrants }: RestoredBackup,
  { seconds, migrated, drift }: { seconds: number; migrated: string[]; drift: number | undefined },
): string {
  const pairs = formatPairs([
    ['backup of', `${header.createdAt} (PostgreSQL ${header.serverVersion})`],
    ['tables', header.tables.length],
    ['rows', rows],
    ['time', `${formatNumber(seconds, 1)} s`],
    ['migrations run after it', migrated.length],
    ['drift', drift ?? 'not compared'],
  ]);
  return `${pairs}${missedGrants.map(missedLine).join('')}`;
}

function missedLine({ kind, object, privilege, role }: StoredGrant): string {
  return `  Not granted, because the role ${role} is missing here: ${privilege} on the ${kind} ${object}\n`;
}
