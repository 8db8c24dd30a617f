import { Command } from 'commander';
import { type Config, loadConfig } from '../../config.ts';
import { openEmbedded } from '../../database/embedded/open-embedded.ts';
import { createPool } from '../../database/pool.ts';
import { bad, type Check, type Checked, ok, runChecks, type Verdict } from '../../doctor/check.ts';
import { databaseChecks } from '../../doctor/database-checks.ts';
import { secretHider } from '../../doctor/hide-secrets.ts';
import { machineChecks } from '../../doctor/machine-checks.ts';
import { serverChecks } from '../../doctor/server-checks.ts';
import { webChecks } from '../../doctor/web-checks.ts';
import { createLog } from '../../telemetry/log.ts';
import { SECOND } from '../../time.ts';

const marks: Readonly<Record<Verdict, string>> = { ok: '✓', warn: '!', bad: '✗' };

/** `tidemark doctor`: looks at everything that the service needs, and says what to do. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check the settings, the database, the disk, and every server that the settings name')
    .option('--json', 'print a JSON object', false)
    .addHelpText('after', '\nExit codes: 0 if nothing is bad, 1 otherwise. Warnings do not count.')
    .action(({ json }: { json: boolean }) => runDoctor(json));
}

async function runDoctor(json: boolean): Promise<void> {
  const hide = secretHider(process.env);
  const checked = await checkAll(hide);
  const isWell = checked.every(({ verdict }) => verdict !== 'bad');
  process.stdout.write(
    json
      ? `${JSON.stringify({ ok: isWell, checks: checked }, null, 2)}\n`
      : `\n${checked.map(lineOf).join('')}\n`,
  );
  if (!isWell) process.exitCode = 1;
}

function lineOf({ name, verdict, found, advice }: Checked): string {
  const todo = advice === undefined ? '' : `      ${advice}\n`;
  return `  ${marks[verdict]} ${name}: ${found}\n${todo}`;
}

async function checkAll(hide: (text: string) => string): Promise<Checked[]> {
  const settings: Check = {
    name: 'settings',
    advice: 'Correct the settings that are named; docs/settings.md lists all.',
    look: async () => {
      loadConfig(process.env);
      return ok('all are valid');
    },
  };
  const [read] = await runChecks([settings], hide);
  if (!read || read.verdict === 'bad') return read ? [read] : [];
  const config = loadConfig(process.env);
  const others = [...machineChecks(config), ...serverChecks(config), ...webChecks(config)];
  const [ofDatabase, ofOthers] = await Promise.all([checkDatabase(config, hide), runChecks(others, hide)]);
  return [read, ...ofDatabase, ...ofOthers];
}

/** Opens the database as a command does. An embedded one that is not running is started for the moment. */
async function checkDatabase(config: Config, hide: (text: string) => string): Promise<Checked[]> {
  const log = createLog({ level: 'silent' });
  try {
    const embedded =
      config.databaseUrl === undefined
        ? await openEmbedded({ dataDir: config.dataDir, log, mode: 'join' })
        : undefined;
    const pool = createPool({
      connectionString: embedded?.connectionString ?? config.databaseUrl ?? '',
      max: 2,
      applicationName: `tidemark doctor ${process.pid}`,
      statementTimeoutMs: 5 * SECOND,
      onError: () => {},
    });
    try {
      const [reachable, ...others] = databaseChecks(pool, config.databasePoolMax);
      const first = await runChecks(reachable ? [reachable] : [], hide);
      // Every other check of a server that does not answer would repeat the same error.
      if (first.some(({ verdict }) => verdict === 'bad')) return first;
      return [...first, ...(await runChecks(others, hide))];
    } finally {
      await pool.end();
      await embedded?.stop();
    }
  } catch (error) {
    const advice = 'Read the log of the embedded PostgreSQL in DATA_DIR, or set DATABASE_URL.';
    return [{ name: 'PostgreSQL', ...bad(hide((error as Error).message), advice) }];
  }
}
