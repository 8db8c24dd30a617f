import type { Pool } from 'pg';

/** The constraint that events of the model `poison` break; the database's message names it. */
export const NO_POISON = 'no_poison';

/**
 * Has the database refuse what no check of ours finds: events of the model `poison`. By a constraint, since Citus has
 * no triggers.
 */
export async function refusePoison(pool: Pool): Promise<void> {
  await pool.query(`alter table analytics.events add constraint ${NO_POISON} check (model_id <> 'poison')`);
}

export async function takePoison(pool: Pool): Promise<void> {
  await pool.query(`alter table analytics.events drop constraint ${NO_POISON}`);
}
