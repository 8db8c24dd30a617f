import { Client } from 'pg';

export type Extension = 'timescaledb' | 'citus';

/** The loaded extensions that change how tables are stored. */
export async function loadedExtensions(serverUrl: string): Promise<Extension[]> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ libraries: string }>(
      `select current_setting('shared_preload_libraries') as libraries`,
    );
    const libraries = (rows[0]?.libraries ?? '').split(',').map((name) => name.trim());
    return (['timescaledb', 'citus'] as const).filter((name) => libraries.includes(name));
  } finally {
    await client.end();
  }
}

/**
 * Creates the loaded extensions in a database. For Citus, the server becomes a cluster of one node that holds
 * rows itself.
 */
export async function createExtensions(databaseUrl: string): Promise<void> {
  const loaded = await loadedExtensions(databaseUrl);
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const name of loaded) await client.query(`create extension if not exists ${name}`);
    if (loaded.includes('citus')) {
      const { hostname, port } = new URL(databaseUrl);
      await client.query('select citus_set_coordinator_host($1, $2)', [hostname, Number(port || 5432)]);
      await client.query(`select citus_set_node_property($1, $2, 'shouldhaveshards', true)`, [
        hostname,
        Number(port || 5432),
      ]);
    }
  } finally {
    await client.end();
  }
}
