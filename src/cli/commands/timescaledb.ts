import { Command } from 'commander';
import { convertToHypertable, eventStorage } from '../../database/extensions/timescaledb.ts';
import { CodedError } from '../../errors.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';

/** `tidemark timescaledb convert`: makes the raw events of a database that holds data a hypertable. */
export function timescaledbCommand(): Command {
  return new Command('timescaledb')
    .description('raw events as a hypertable, on a database with TimescaleDB')
    .addCommand(
      new Command('convert')
        .description('make raw events a hypertable, rows and all; stop the services first')
        .action(() => onDatabase('timescaledb', runConvert)),
    );
}

async function runConvert({ pool }: CommandContext): Promise<void> {
  const storage = await eventStorage(pool);
  if (storage === 'partitions') {
    throw new CodedError('invalid_request', 'this database has no TimescaleDB: create extension timescaledb');
  }
  if (storage === 'convertible') await convertToHypertable(pool);
  const done = storage === 'convertible' ? 'raw events are a hypertable now' : 'nothing to do';
  process.stdout.write(`\n  ${done}\n\n`);
}
