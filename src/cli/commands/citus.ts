import { Command } from 'commander';
import { citusState, distribute } from '../../database/extensions/citus.ts';
import { CodedError } from '../../errors.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';

/** `tidemark citus distribute`: distributes a database with data over the nodes of its cluster, by org. */
export function citusCommand(): Command {
  return new Command('citus')
    .description('distribute a database with Citus by org')
    .addCommand(
      new Command('distribute')
        .description('distribute the tables and their rows by org; stop the services first')
        .action(() => onDatabase('citus', runDistribute)),
    );
}

async function runDistribute({ pool }: CommandContext): Promise<void> {
  if ((await citusState(pool)) === 'absent') {
    throw new CodedError('invalid_request', 'this database has no Citus; run `create extension citus` first');
  }
  const tables = await distribute(pool);
  const lines = tables.length === 0 ? ['nothing to do'] : tables.map((name) => `distributed  ${name}`);
  process.stdout.write(`\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}
