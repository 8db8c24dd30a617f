import type { PoolClient } from 'pg';

/**
 * Lets the transaction see everything as of one moment. Until it ends, no partition of raw events is dropped: a snapshot
 * does not keep the rows of a dropped table. Whoever drops one locks the table itself first. Neither statement chooses the
 * moment, so call it before the first query.
 */
export async function beginSnapshot(client: PoolClient, mode: 'read only' | 'read write'): Promise<void> {
  await client.query(`set transaction isolation level repeatable read, ${mode}`);
  await client.query('lock table only analytics.events in access share mode');
}
