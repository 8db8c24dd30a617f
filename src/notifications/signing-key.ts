import { randomBytes } from 'node:crypto';
import type { Database } from '../database/pool.ts';

/** The key that all processes on this database sign with for a purpose. The first call creates it. */
export async function signingKey(database: Database, purpose: string): Promise<Uint8Array> {
  const { rows } = await database.query<{ key: Buffer }>(
    `with made as (
       insert into analytics.signing_keys (purpose, key) values ($1, $2) on conflict do nothing returning key
     )
     select key from made union all select key from analytics.signing_keys where purpose = $1`,
    [purpose, randomBytes(32)],
  );
  const [row] = rows;
  // Another process has created it at the same moment: the next read finds it.
  return row ? row.key : signingKey(database, purpose);
}
