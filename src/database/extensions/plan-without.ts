import type { PoolClient } from 'pg';
import { citusState } from './citus.ts';

/** Plan types that the planner prefers wrongly if it misestimates the number of rows. */
type PlannerSetting = 'enable_seqscan' | 'enable_hashjoin' | 'enable_mergejoin' | 'enable_nestloop' | 'jit';

/** Disables these for the rest of the transaction. On Citus this includes the nodes, which plan their own part. */
export async function planWithout(client: PoolClient, settings: readonly PlannerSetting[]): Promise<void> {
  if ((await citusState(client)) === 'distributed') {
    await client.query(`set local citus.propagate_set_commands to 'local'`);
  }
  // One statement each, because Citus sends a node the whole text that contains the setting.
  for (const setting of settings) await client.query(`set local ${setting} to off`);
}
