import type { Database } from './pool.ts';

/** The id of an installation of Tidemark: all processes on one database share it, and nobody else has it. */
export async function readInstallation(database: Database): Promise<string> {
  const { rows } = await database.query<{ id: string }>('select id from analytics.installation');
  if (!rows[0]) throw new Error('analytics.installation is empty; restore its row from a backup');
  return rows[0].id;
}
