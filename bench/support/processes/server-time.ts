import { Client } from 'pg';
import { parentOf, processorTimeOfTree } from './process-use.ts';

/** A PostgreSQL on this machine. */
export interface LocalServer {
  name: string;
  /** The process that started all others of the server. */
  pid: number;
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
  const pid = await withClient(url, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    return parentOf(rows[0]?.pid ?? 0);
  });
  if (pid === undefined) throw new Error(`the server of ${new URL(url).host} is not on this machine`);
  return { name, pid };
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
export function serverTime({ pid }: LocalServer): number {
  return processorTimeOfTree(pid) / 1_000;
}
