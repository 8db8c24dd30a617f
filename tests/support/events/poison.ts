import type { Pool } from 'pg';

/** The constraint that events of the model `poison` violate; the error of the database names it. */
export const NO_POISON = 'no_poison';

/**
 * Makes the database refuse events that pass every check: those of the model `poison`. By a constraint,
 * because Citus has no triggers.
 */
export async function refusePoison(pool: Pool): Promise<void> {
  await pool.query(`alter table analytics.events add constraint ${NO_POISON} check (model_id <> 'poison')`);
}

export async function takePoison(pool: Pool): Promise<void> {
  await pool.query(`alter table analytics.events drop constraint ${NO_POISON}`);
}
