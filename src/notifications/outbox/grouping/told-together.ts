import type { Database } from '../../../database/pool.ts';
import { MOST_TOGETHER } from './group-wait.ts';

/** The alerts that one delivery told. @param first the id of its first message */
export async function alertsToldWith(database: Database, first: string): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select distinct alert_id as id from analytics.notification_outbox
     where alert_id is not null and (id = $1 or told_with = $1 and told_with <> id) limit $2`,
    [first, MOST_TOGETHER],
  );
  return rows.map(({ id }) => id);
}
