import type { PoolClient } from 'pg';
import { citusState } from './citus.ts';

/** What the planner would rather do where it takes rows for fewer or more than there are. */
type Way = 'enable_seqscan' | 'enable_hashjoin' | 'enable_mergejoin' | 'enable_nestloop' | 'jit';

/** Keeps the planner from these for the rest of the transaction; on Citus the nodes, too, which plan their own share. */
export async function planWithout(client: PoolClient, ways: readonly Way[]): Promise<void> {
  if ((await citusState(client)) === 'distributed') {
    await client.query(`set local citus.propagate_set_commands to 'local'`);
  }
  // One by one: Citus sends a node the whole text that a setting came in.
  for (const way of ways) await client.query(`set local ${way} to off`);
}
