import { Command } from 'commander';
import { stopWithParent } from './cli/stop-with-parent.ts';
import { version } from './version.ts';

stopWithParent();

// A reader of the output, such as `head`, may close it early. The command still finishes its work.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

type Load = () => Promise<Command>;

/** The commands, in the order of the help. Each is loaded only when it is needed: all of them take seconds. */
const commands: Record<string, Load> = {
  start: async () => (await import('./cli/commands/start.ts')).startCommand(),
  demo: async () => (await import('./cli/commands/demo.ts')).demoCommand(),
  export: async () => (await import('./cli/commands/export.ts')).exportCommand(),
  import: async () => (await import('./cli/commands/import.ts')).importCommand(),
  'dead-letters': async () => (await import('./cli/commands/dead-letters.ts')).deadLettersCommand(),
  'roll-up': async () => (await import('./cli/commands/roll-up.ts')).rollUpCommand(),
  rebuild: async () => (await import('./cli/commands/rebuild.ts')).rebuildCommand(),
  reconcile: async () => (await import('./cli/commands/reconcile.ts')).reconcileCommand(),
  prices: async () => (await import('./cli/commands/prices.ts')).pricesCommand(),
  reprice: async () => (await import('./cli/commands/reprice.ts')).repriceCommand(),
  alerts: async () => (await import('./cli/commands/alerts.ts')).alertsCommand(),
  login: async () => (await import('./cli/commands/access/login.ts')).loginCommand(),
  keys: async () => (await import('./cli/commands/access/keys.ts')).keysCommand(),
  orgs: async () => (await import('./cli/commands/orgs.ts')).orgsCommand(),
  token: async () => (await import('./cli/commands/access/token.ts')).tokenCommand(),
  tokens: async () => (await import('./cli/commands/access/tokens.ts')).tokensCommand(),
  doctor: async () => (await import('./cli/commands/doctor.ts')).doctorCommand(),
  size: async () => (await import('./cli/commands/size.ts')).sizeCommand(),
  backup: async () => (await import('./cli/commands/backup.ts')).backupCommand(),
  restore: async () => (await import('./cli/commands/restore.ts')).restoreCommand(),
  migrate: async () => (await import('./cli/commands/migrate.ts')).migrateCommand(),
  timescaledb: async () => (await import('./cli/commands/timescaledb.ts')).timescaledbCommand(),
  citus: async () => (await import('./cli/commands/citus.ts')).citusCommand(),
};

/** What the arguments need: one command, none for the version, or all for the help and for a name that is not known. */
function neededBy(first: string | undefined): Load[] {
  if (first === '--version' || first === '-V') return [];
  const named = first !== undefined && Object.hasOwn(commands, first) ? commands[first] : undefined;
  return named ? [named] : Object.values(commands);
}

const program = new Command('tidemark')
  .description('Self-hosted analytics and alerting for teams that run AI products')
  .version(version)
  .showHelpAfterError();
for (const load of neededBy(process.argv[2])) program.addCommand(await load());

await program.parseAsync();
