import { Command } from 'commander';
import { citusCommand } from './cli/citus.ts';
import { deadLettersCommand } from './cli/dead-letters.ts';
import { demoCommand } from './cli/demo.ts';
import { importCommand } from './cli/import.ts';
import { keysCommand } from './cli/keys.ts';
import { migrateCommand } from './cli/migrate.ts';
import { pricesCommand } from './cli/prices.ts';
import { rebuildCommand } from './cli/rebuild.ts';
import { reconcileCommand } from './cli/reconcile.ts';
import { repriceCommand } from './cli/reprice.ts';
import { rollUpCommand } from './cli/roll-up.ts';
import { startCommand } from './cli/start.ts';
import { timescaledbCommand } from './cli/timescaledb.ts';
import { tokenCommand } from './cli/token.ts';

// Whoever reads along may stop, as `head` does. The command goes on to its end, which may be more than printing.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const program = new Command('tidemark')
  .description('Self-hosted analytics and alerting for teams that run AI products')
  .showHelpAfterError();

const commands = [
  startCommand,
  demoCommand,
  importCommand,
  deadLettersCommand,
  rollUpCommand,
  rebuildCommand,
  reconcileCommand,
  pricesCommand,
  repriceCommand,
  keysCommand,
  tokenCommand,
  migrateCommand,
  timescaledbCommand,
  citusCommand,
];
for (const command of commands) program.addCommand(command());

await program.parseAsync();
