import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { openEmbedded } from '../../../src/database/embedded/open-embedded.ts';
import type { DatabaseLog } from '../../../src/database/log.ts';

const OLDEST_SERVER = 150_000;
const PATIENCE_MS = 2_000;

/** A PostgreSQL on which tests may create and drop databases. */
export interface FoundPostgres {
  url: string;
  description: string;
  /** Ends a server that was started for the tests. Another server is left alone. */
  stop(): Promise<void>;
}

/**
 * The version of a server that accepts us, is new enough and lets us create databases; otherwise the reason
 * against it.
 */
async function inspect(url: string): Promise<{ version: string } | { refusal: string }> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS });
  // A server that goes away later must not end the test run by an unhandled event.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ number: number; version: string; may_create: boolean }>(
      `select current_setting('server_version_num')::int as number,
              current_setting('server_version') as version,
              rolcreatedb or rolsuper as may_create
         from pg_roles
        where rolname = current_user`,
    );
    const [server] = rows;
    if (!server) return { refusal: 'its role is unknown' };
    if (server.number < OLDEST_SERVER) return { refusal: `it is PostgreSQL ${server.version}, 15 is needed` };
    if (!server.may_create) return { refusal: 'the role may not create databases' };
    return { version: server.version };
  } catch (error) {
    return { refusal: error instanceof Error ? error.message : String(error) };
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * The embedded server, kept between runs in the checkout. A run takes over the server of a killed run,
 * concurrent runs share it, and the last one stops it.
 */
async function openOurs(): Promise<FoundPostgres> {
  const dataDir = fileURLToPath(new URL('../../../data/tests', import.meta.url));
  const log: DatabaseLog = { debug: () => {}, info: () => {}, warn: console.warn };
  const server = await openEmbedded({ dataDir, log, mode: 'join' });
  const description = `the embedded one, in ${server.location}`;
  return { url: server.connectionString, description, stop: () => server.stop() };
}

/** A running server, or `undefined` if the one on this machine is unsuitable. */
async function findRunning(given: string | undefined): Promise<FoundPostgres | undefined> {
  const onThisMachine = (user: string) => `postgres://${encodeURIComponent(user)}@127.0.0.1:5432/postgres`;
  const candidates = given ? [given] : ['postgres', userInfo().username].map(onThisMachine);
  for (const url of candidates) {
    const found = await inspect(url);
    if ('version' in found) {
      const { hostname, port, username } = new URL(url);
      const description = `${found.version} at ${hostname}:${port || 5432} as ${username}`;
      return { url, description, stop: async () => {} };
    }
    if (given) throw new Error(`TEST_DATABASE_URL will not do: ${found.refusal}`);
  }
  return undefined;
}

/**
 * The PostgreSQL of the tests: that of TEST_DATABASE_URL, or one on this machine that lets us create
 * databases without a password, or the embedded one, which TEST_DATABASE_URL=embedded asks for.
 * @throws when TEST_DATABASE_URL is set and unsuitable, or the embedded server does not start
 */
export async function findPostgres(env: NodeJS.ProcessEnv): Promise<FoundPostgres> {
  const given = env.TEST_DATABASE_URL;
  const running = given === 'embedded' ? undefined : await findRunning(given);
  return running ?? openOurs();
}
