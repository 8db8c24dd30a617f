import { Command } from 'commander';
import { convertToHypertable, eventStorage } from '../../database/extensions/timescaledb.ts';
import { CodedError } from '../../errors.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';

/** `tidemark timescaledb convert`: converts the raw events of a database with data to a hypertable. */
export function timescaledbCommand(): Command {
  return new Command('timescaledb')
    .description('use a hypertable on a database with TimescaleDB')
    .addCommand(
      new Command('convert')
        .description('convert raw events to a hypertable; stop the services first')
        .action(() => onDatabase('timescaledb', runConvert)),
    );
}

async function runConvert({ pool }: CommandContext): Promise<void> {
  const storage = await eventStorage(pool);
  if (storage === 'partitions') {
    throw new CodedError(
      'invalid_request',
      'this database has no TimescaleDB; run `create extension timescaledb` first',
    );
  }
  if (storage === 'convertible') await convertToHypertable(pool);
  const done = storage === 'convertible' ? 'raw events are now a hypertable' : 'nothing to do';
  process.stdout.write(`\n  ${done}\n\n`);
}
