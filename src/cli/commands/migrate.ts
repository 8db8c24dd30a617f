import { Argument, Command, Option } from 'commander';
import { migrate } from '../../database/schema/migrate.ts';
import { wholeNumber } from '../../setting.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { readAs } from '../read-as.ts';

type Direction = 'up' | 'down';

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
    .action((direction: Direction, { count }: { count?: number }) =>
      onDatabase('migrate', (context) => runMigrate(direction, count, context), { migrates: false }),
    );
}

async function runMigrate(
  direction: Direction,
  count: number | undefined,
  { connectionString, log, stopRequested }: CommandContext,
): Promise<void> {
  const names = await migrate(connectionString, {
    log,
    direction,
    stopRequested,
    ...(count !== undefined && { count }),
  });
  const lines = names.length === 0 ? ['nothing to do'] : names.map((name) => `${direction}  ${name}`);
  process.stdout.write(`\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}
