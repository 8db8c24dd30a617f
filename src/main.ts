import { Command } from 'commander';
import { keysCommand } from './cli/commands/access/keys.ts';
import { loginCommand } from './cli/commands/access/login.ts';
import { tokenCommand } from './cli/commands/access/token.ts';
import { tokensCommand } from './cli/commands/access/tokens.ts';
import { alertsCommand } from './cli/commands/alerts.ts';
import { backupCommand } from './cli/commands/backup.ts';
import { citusCommand } from './cli/commands/citus.ts';
import { deadLettersCommand } from './cli/commands/dead-letters.ts';
import { demoCommand } from './cli/commands/demo.ts';
import { doctorCommand } from './cli/commands/doctor.ts';
import { exportCommand } from './cli/commands/export.ts';
import { importCommand } from './cli/commands/import.ts';
import { migrateCommand } from './cli/commands/migrate.ts';
import { orgsCommand } from './cli/commands/orgs.ts';
import { pricesCommand } from './cli/commands/prices.ts';
import { rebuildCommand } from './cli/commands/rebuild.ts';
import { reconcileCommand } from './cli/commands/reconcile.ts';
import { repriceCommand } from './cli/commands/reprice.ts';
import { restoreCommand } from './cli/commands/restore.ts';
import { rollUpCommand } from './cli/commands/roll-up.ts';
import { sizeCommand } from './cli/commands/size.ts';
import { startCommand } from './cli/commands/start.ts';
import { timescaledbCommand } from './cli/commands/timescaledb.ts';
import { stopWithParent } from './cli/stop-with-parent.ts';

stopWithParent();

import { version } from './version.ts';

// A reader of the output, such as `head`, may close it early. The command still finishes its work.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const program = new Command('tidemark')
  .description('Self-hosted analytics and alerting for teams that run AI products')
  .version(version)
  .showHelpAfterError();

const commands = [
  startCommand,
  demoCommand,
  exportCommand,
  importCommand,
  deadLettersCommand,
  rollUpCommand,
  rebuildCommand,
  reconcileCommand,
  pricesCommand,
  repriceCommand,
  alertsCommand,
  loginCommand,
  keysCommand,
  orgsCommand,
  tokenCommand,
  tokensCommand,
  doctorCommand,
  sizeCommand,
  backupCommand,
  restoreCommand,
  migrateCommand,
  timescaledbCommand,
  citusCommand,
];
for (const command of commands) program.addCommand(command());

await program.parseAsync();
