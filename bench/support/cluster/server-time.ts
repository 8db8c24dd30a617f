import { readdir, readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { SECOND } from '../../../src/time.ts';

/** A PostgreSQL on this machine. */
export interface LocalServer {
  name: string;
  /** The process that started all others of the server. */
  pid: number;
}

/** Clock ticks a second in `/proc`. Linux shows 100 on every common machine. */
const TICKS = 100;

/** What `/proc/PID/stat` says of a process. Times are in ticks; those of ended children are in `ended`. */
interface ProcessTimes {
  parent: number;
  own: number;
  ended: number;
}

async function timesOf(pid: number | string): Promise<ProcessTimes | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name of the program comes before, in parentheses, and may hold spaces.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (position: number) => Number(fields[position - 3]);
  return { parent: field(4), own: field(14) + field(15), ended: field(16) + field(17) };
}

/**
 * The server of a URL and, if the database is the coordinator of a Citus cluster, its nodes.
 * @throws if one of them is on another machine, whose processor time cannot be read here
 */
export async function serversOf(databaseUrl: string): Promise<LocalServer[]> {
  const first = await serverOf(databaseUrl, 'PostgreSQL');
  const nodes = await nodesOf(databaseUrl);
  const workers = nodes.map(async ({ host, port }, index) => {
    const url = new URL(databaseUrl);
    url.hostname = host;
    url.port = String(port);
    return serverOf(url.href, `node ${index + 1}`);
  });
  return nodes.length === 0 ? [first] : [{ ...first, name: 'coordinator' }, ...(await Promise.all(workers))];
}

async function nodesOf(databaseUrl: string): Promise<{ host: string; port: number }[]> {
  return withClient(databaseUrl, async (client) => {
    const found = await client.query(`select from pg_extension where extname = 'citus'`);
    if (found.rowCount === 0) return [];
    const { rows } = await client.query<{ host: string; port: number }>(
      'select nodename as host, nodeport as port from pg_dist_node where groupid <> 0 and isactive order by groupid',
    );
    return rows;
  });
}

async function serverOf(url: string, name: string): Promise<LocalServer> {
  const times = await withClient(url, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    return timesOf(rows[0]?.pid ?? 0);
  });
  if (times === undefined) throw new Error(`the server of ${new URL(url).host} is not on this machine`);
  return { name, pid: times.parent };
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Milliseconds of processor time that a server has used since it started, by all of its processes. */
export async function serverTime({ pid }: LocalServer): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(pids.map(timesOf));
  const children = all
    .filter((times) => times?.parent === pid)
    .reduce((sum, times) => sum + (times?.own ?? 0), 0);
  const postmaster = await timesOf(pid);
  return ((children + (postmaster?.own ?? 0) + (postmaster?.ended ?? 0)) * SECOND) / TICKS;
}
