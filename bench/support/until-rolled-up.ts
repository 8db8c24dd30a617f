import type { Queryable } from '../../src/database/pool.ts';
import { SECOND, sleep } from '../../src/time.ts';

interface Patience {
  /** Milliseconds between two looks. */
  pause?: number;
  /** Milliseconds after which it is given up. */
  within?: number;
}

/**
 * Waits until all stored events are in the rollups.
 * @returns the seconds that it took
 * @throws when it takes longer than `within`
 */
export async function untilRolledUp(
  database: Queryable,
  { pause = 50, within = Number.POSITIVE_INFINITY }: Patience = {},
): Promise<number> {
  const began = performance.now();
  for (;;) {
    const { rows } = await database.query<{ waiting: boolean }>(
      'select exists (select from analytics.ingestion_batches where rolled_up_at is null) as waiting',
    );
    const waited = performance.now() - began;
    if (!rows[0]?.waiting) return waited / SECOND;
    if (waited > within) throw new Error(`the events are not rolled up after ${within / SECOND} s`);
    await sleep(pause);
  }
}
