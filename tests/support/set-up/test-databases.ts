import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { sleep } from '../../../src/time.ts';
import { createExtensions } from './extensions.ts';

const PREFIX = 'tidemark_test_';
const OBJECT_IN_USE = '55006';

/** The URL of another database on the same server. */
function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

// Names cannot be parameters of these statements. Ours hold nothing but letters, digits and underscores.
function drop(name: string) {
  return `drop database if exists ${name} with (force)`;
}

async function onServer(serverUrl: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/**
 * Makes an empty database, named for its run, with the extensions that the server has loaded; `use` fills it.
 * All databases of a run are dropped when it ends.
 */
export async function createTemplate(
  serverUrl: string,
  runName: string,
  use: (url: string) => Promise<unknown>,
): Promise<string> {
  const name = `${runName}_template`;
  await onServer(serverUrl, `create database ${name}`);
  const url = databaseUrl(serverUrl, name);
  await createExtensions(url);
  await use(url);
  return name;
}

/** Makes an empty database of the template's run, without extensions. */
export async function createEmpty(serverUrl: string, template: string): Promise<string> {
  const name = template.replace(/template$/, randomBytes(5).toString('hex'));
  await onServer(serverUrl, `create database ${name}`);
  return databaseUrl(serverUrl, name);
}

/** Copies the template under a unique name. */
export async function cloneTemplate(
  serverUrl: string,
  template: string,
): Promise<{ url: string; drop(): Promise<void> }> {
  const name = template.replace(/template$/, randomBytes(5).toString('hex'));
  for (let attempt = 1; ; attempt++) {
    try {
      await onServer(serverUrl, `create database ${name} template ${template}`);
      break;
    } catch (error) {
      // Extensions run background work in a database, which prevents copying it.
      if ((error as { code?: string }).code !== OBJECT_IN_USE || attempt === 20) throw error;
      await onServer(
        serverUrl,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${template}'`,
      );
      await sleep(50 * attempt);
    }
  }
  const url = databaseUrl(serverUrl, name);
  // A copy would have the installation id of the template.
  await onServer(url, 'update analytics.installation set id = gen_random_uuid()');
  return { url, drop: () => onServer(serverUrl, drop(name)) };
}

async function databasesNamed(client: Client, prefix: string): Promise<string[]> {
  const { rows } = await client.query<{ datname: string }>(
    'select datname from pg_database where starts_with(datname, $1)',
    [prefix],
  );
  return rows.map((row) => row.datname);
}

async function runsAlive(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ application_name: string }>(
    'select distinct application_name from pg_stat_activity where starts_with(application_name, $1)',
    [PREFIX],
  );
  return rows.map((row) => row.application_name);
}

/**
 * Claims the databases of this run, and drops those of killed runs. A run is alive while it holds the
 * connection that carries its name. Unlike a process id, this works across machines.
 */
export async function openRun(serverUrl: string): Promise<{ name: string; end(): Promise<void> }> {
  const name = `${PREFIX}${process.pid}_${randomBytes(3).toString('hex')}`;
  const client = new Client({ connectionString: serverUrl, application_name: name });
  // If the server goes away, the tests report it. This connection need not end the process.
  client.on('error', () => {});
  await client.connect();
  const candidates = await databasesNamed(client, PREFIX);
  const alive = await runsAlive(client);
  for (const database of candidates) {
    if (alive.some((run) => database.startsWith(`${run}_`))) continue;
    // Another run may be dropping it at this moment.
    await client.query(drop(database)).catch(() => {});
  }
  const end = async () => {
    for (const database of await databasesNamed(client, `${name}_`)) await client.query(drop(database));
    await client.end();
  };
  return { name, end };
}
