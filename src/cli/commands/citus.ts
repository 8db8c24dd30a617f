import { Command } from 'commander';
import { citusState, distribute } from '../../database/extensions/citus.ts';
import { CodedError } from '../../errors.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';

/** `tidemark citus distribute`: spreads the orgs of a database that holds data over the nodes of its cluster. */
export function citusCommand(): Command {
  return new Command('citus')
    .description('distribution by org, on a database with Citus')
    .addCommand(
      new Command('distribute')
        .description('distribute the tables by org, rows and all; stop the services first')
        .action(() => onDatabase('citus', runDistribute)),
    );
}

async function runDistribute({ pool }: CommandContext): Promise<void> {
  if ((await citusState(pool)) === 'absent') {
    throw new CodedError('invalid_request', 'this database has no Citus: create extension citus');
  }
  const tables = await distribute(pool);
  const lines = tables.length === 0 ? ['nothing to do'] : tables.map((name) => `distributed  ${name}`);
  process.stdout.write(`\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}
