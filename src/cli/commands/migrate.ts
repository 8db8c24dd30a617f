import { Argument, Command, Option } from 'commander';
import type { Pool } from 'pg';
import { latestMigrations, lossesOf } from '../../database/schema/losses.ts';
import { migrate } from '../../database/schema/migrate.ts';
import { wholeNumber } from '../../setting.ts';
import { confirm } from '../confirm.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { readAs } from '../read-as.ts';
import { formatNumber, formatTable } from '../table.ts';

type Direction = 'up' | 'down';

interface Flags {
  count?: number;
  yes: boolean;
}

const readCount = readAs(wholeNumber(1, 10_000));

/** `tidemark migrate`: runs or reverts migrations. All other commands run pending migrations by themselves. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('run pending migrations of the database schema, or revert them')
    .addArgument(
      new Argument('[direction]', 'up runs migrations, down reverts them')
        .choices(['up', 'down'])
        .default('up'),
    )
    .addOption(
      new Option('--count <number>', 'maximum number of migrations (default: all up, one down)').argParser(
        readCount,
      ),
    )
    .option('--yes', 'revert without asking', false)
    .action((direction: Direction, flags: Flags) =>
      onDatabase('migrate', (context) => runMigrate(direction, flags, context), { migrates: false }),
    );
}

async function runMigrate(
  direction: Direction,
  { count, yes }: Flags,
  { connectionString, log, pool, stopRequested }: CommandContext,
): Promise<void> {
  if (direction === 'down') await confirmLosses(pool, count ?? 1, yes);
  const names = await migrate(connectionString, {
    log,
    direction,
    stopRequested,
    ...(count !== undefined && { count }),
  });
  const lines = names.length === 0 ? ['nothing to do'] : names.map((name) => `${direction}  ${name}`);
  process.stdout.write(`\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}

/** Shows what is lost, and asks. */
async function confirmLosses(pool: Pool, count: number, yes: boolean): Promise<void> {
  const migrations = await latestMigrations(pool, count);
  if (migrations.length === 0) return;
  const losses = await lossesOf(pool, migrations);
  const lines = losses.map(({ migration, what, rows }) => [migration, what, formatNumber(rows)]);
  const columns = [{ title: 'migration' }, { title: 'is lost' }, { title: 'rows', align: 'right' as const }];
  const shown = lines.length === 0 ? '  No table and no column is lost.\n' : formatTable(columns, lines);
  process.stdout.write(`\n${shown}`);
  await confirm(
    `${migrations.length === 1 ? '1 migration' : `${migrations.length} migrations`} will be taken back, the last is ${migrations.at(-1)}.`,
    {
      word: 'down',
      yes,
    },
  );
}
