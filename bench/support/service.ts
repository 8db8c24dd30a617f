import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signToken } from '../../src/auth/jwt.ts';
import type { Role } from '../../src/auth/roles.ts';
import { openEmbedded } from '../../src/database/embedded/open-embedded.ts';
import { HOUR, systemClock } from '../../src/time.ts';

const root = new URL('../..', import.meta.url);
const { scripts } = createRequire(root)('./package.json') as { scripts: { start: string } };
/** The arguments of Node in `npm start`: its memory limits and the command. */
const [, ...startArguments] = scripts.start.replace(/^exec /, '').split(' ');
const silent = { debug() {}, info() {}, warn() {} };
const SECRET = 'a-secret-for-benchmarks-only-0123456789';

export interface Service {
  address: string;
  /** Token of an admin. */
  token: string;
  pid: number;
  /** Connection string of the service's database. */
  databaseUrl: string;
  /** Makes a token of a member of one org. */
  tokenFor(orgId: string, role: Role): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts the service like its users, as a separate process with an embedded database. Its data is removed when it stops.
 * `BENCH_DATABASE_URL` uses another database.
 */
export async function startService(env: Record<string, string> = {}): Promise<Service> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-bench-'));
  const databaseUrl = env.DATABASE_URL ?? process.env.BENCH_DATABASE_URL;
  const child = spawn(process.execPath, startArguments, {
    cwd: fileURLToPath(root),
    // The channel ends the service when this process dies, however it dies.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      HTTP_PORT: '0',
      JWT_SECRET: SECRET,
      LOG_LEVEL: 'warn',
      RATE_LIMIT_PER_MINUTE: '0',
      INGEST_RATE_LIMIT_PER_MINUTE: '0',
      ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
      ...env,
    },
  });
  const removeData = () => rm(dataDir, { recursive: true, force: true });
  let end = async () => {
    await endOf(child);
    await removeData();
  };
  let ending: Promise<void> | undefined;
  const stop = () => {
    ending ??= end();
    return ending;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void stop().finally(() => process.exit(128 + constants.signals[signal])));
  }
  const address = await readAddress(child).catch(async (error) => {
    await stop();
    throw error;
  });
  const tokenOf = (subject: string, roles: Role[], orgs: string[]) =>
    signToken(
      SECRET,
      { subject, roles, orgs, lifetime: 24 * HOUR },
      { clock: systemClock, audience: undefined, issuer: undefined },
    );
  const token = await tokenOf('bench', ['admin'], []);
  const joined =
    databaseUrl === undefined ? await openEmbedded({ dataDir, log: silent, mode: 'join' }) : undefined;
  const endService = end;
  end = async () => {
    await joined?.stop();
    await endService();
    // As root, the database runs as another account, and may be outside the data folder.
    if (joined) await rm(joined.location, { recursive: true, force: true });
  };
  return {
    address,
    token,
    pid: child.pid ?? 0,
    databaseUrl: joined?.connectionString ?? databaseUrl ?? '',
    tokenFor: (orgId, role) => tokenOf(`${role} of ${orgId}`, [role], [orgId]),
    stop,
  };
}

/** Stops the service if it still runs, and waits until it has ended. */
async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

function readAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      const match = /"address":"(http:[^"]+)".*"msg":"Tidemark is ready"/.exec(output);
      if (match?.[1]) resolve(match[1]);
    });
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}: ${output}`)));
  });
}
