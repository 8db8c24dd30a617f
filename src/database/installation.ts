import type { Database } from './pool.ts';

/** The id of the installation that a database is of: the same for all its processes, and for them alone. */
export async function readInstallation(database: Database): Promise<string> {
  const { rows } = await database.query<{ id: string }>('select id from analytics.installation');
  if (!rows[0]) throw new Error('the database does not say which installation it is of');
  return rows[0].id;
}
