import type { PoolClient } from 'pg';
import { copyIn } from './copy-in.ts';
import type { EncodedEvent } from './encoded-events.ts';

/** What became of an event: counted now, counted before, or its id was seen with another payload. */
export type Outcome = 'stored' | 'duplicate' | 'conflict';

/** Events of one id within a batch; the first of them is the one that may be stored. */
interface SameId {
  first: EncodedEvent;
  later: EncodedEvent[];
}

const UNIQUE_VIOLATION = '23505';
/** Batches after one with known ids that are looked up before they are entered. */
const WARY_BATCHES = 20;

/**
 * The dedup ledger. Exact across writers and processes: of two that enter the same id, the second waits for
 * the first to commit.
 *
 * Ids are nearly always new, so they are copied in without looking, which takes less than half the time of
 * an insert that minds conflicts. A known id makes the copy fail; then, and for some batches after, ids are
 * looked up first, so that a replay is no slower than what it repeats.
 */
export class EventLedger {
  #wary = 0;

  /**
   * Enters the ids of a batch and tells for each event what became of it. Must run in the transaction that
   * stores the events.
   * @param hasPrevious whether there is a previous generation to be asked, as seen in this transaction
   */
  async enter(
    client: PoolClient,
    events: readonly EncodedEvent[],
    batchId: number,
    hasPrevious: boolean,
  ): Promise<Map<EncodedEvent, Outcome>> {
    const groups = groupById(events);
    const known = await this.#enterGroups(client, groups, batchId, hasPrevious);
    this.#wary = known.size > 0 ? WARY_BATCHES : Math.max(0, this.#wary - 1);
    return outcomesOf(groups, known);
  }

  /** Enters what is new; the payload hashes of what is not. */
  async #enterGroups(
    client: PoolClient,
    groups: readonly SameId[],
    batchId: number,
    hasPrevious: boolean,
  ): Promise<Map<SameId, bigint>> {
    const known =
      this.#wary > 0 || hasPrevious ? await findKnown(client, groups, batchId) : new Map<SameId, bigint>();
    const fresh = known.size === 0 ? groups : groups.filter((group) => !known.has(group));
    if (fresh.length === 0) return known;
    await client.query('savepoint ids');
    try {
      await copyIn(client, 'analytics.event_keys (org_id, event_id, payload_hash, batch_id)', [
        encodeKeys(fresh, batchId),
      ]);
      return known;
    } catch (error) {
      if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
      await client.query('rollback to savepoint ids');
      await insertUnknown(client, fresh, batchId);
      return findKnown(client, groups, batchId);
    }
  }
}

function compare(a: EncodedEvent, b: EncodedEvent): number {
  if (a.orgId !== b.orgId) return a.orgId < b.orgId ? -1 : 1;
  if (a.eventId === b.eventId) return 0;
  return a.eventId < b.eventId ? -1 : 1;
}

// In one order for all writers, so that two with common ids wait for each other instead of deadlocking; it
// also keeps the index pages that a batch touches together.
function groupById(events: readonly EncodedEvent[]): SameId[] {
  const groups: SameId[] = [];
  for (const event of [...events].sort(compare)) {
    const group = groups.at(-1);
    if (group && compare(group.first, event) === 0) group.later.push(event);
    else groups.push({ first: event, later: [] });
  }
  return groups;
}

function outcomesOf(
  groups: readonly SameId[],
  known: ReadonlyMap<SameId, bigint>,
): Map<EncodedEvent, Outcome> {
  const outcomes = new Map<EncodedEvent, Outcome>();
  for (const group of groups) {
    const { first, later } = group;
    const earlier = known.get(group);
    const standing = earlier ?? first.payloadHash;
    const outcome = (event: EncodedEvent) => (event.payloadHash === standing ? 'duplicate' : 'conflict');
    outcomes.set(first, earlier === undefined ? 'stored' : outcome(first));
    for (const event of later) outcomes.set(event, outcome(event));
  }
  return outcomes;
}

/** Rows of `event_keys` in the binary format of COPY. */
function encodeKeys(groups: readonly SameId[], batchId: number): Buffer {
  const orgBytes = groups.map(({ first }) => Buffer.byteLength(first.orgId));
  const size = orgBytes.reduce((sum, bytes) => sum + bytes + 50, 0);
  const rows = Buffer.allocUnsafe(size);
  const batch = BigInt(batchId);
  let at = 0;
  for (const [position, { first }] of groups.entries()) {
    at = rows.writeInt16BE(4, at);
    at = rows.writeInt32BE(orgBytes[position] ?? 0, at);
    at += rows.write(first.orgId, at, 'utf8');
    at = rows.writeInt32BE(16, at);
    at += rows.write(first.eventId, at, 'hex');
    at = rows.writeInt32BE(8, at);
    at = rows.writeBigInt64BE(first.payloadHash, at);
    at = rows.writeInt32BE(8, at);
    at = rows.writeBigInt64BE(batch, at);
  }
  return rows;
}

function quoteElement(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

// Array literals, because node-postgres takes several times as long to write the same from JavaScript arrays.
function arraysOf(groups: readonly SameId[]): [orgIds: string, eventIds: string, payloadHashes: string] {
  return [
    `{${groups.map(({ first }) => quoteElement(first.orgId)).join()}}`,
    `{${groups.map(({ first }) => first.eventId).join()}}`,
    `{${groups.map(({ first }) => first.payloadHash).join()}}`,
  ];
}

async function insertUnknown(client: PoolClient, groups: readonly SameId[], batchId: number): Promise<void> {
  await client.query(
    `insert into analytics.event_keys (org_id, event_id, payload_hash, batch_id)
     select k.org_id, k.event_id, k.payload_hash, $4
     from unnest($1::text[], $2::uuid[], $3::bigint[]) as k (org_id, event_id, payload_hash)
     on conflict do nothing`,
    [...arraysOf(groups), batchId],
  );
}

/** The payload hashes that ids of other batches already stand with. */
async function findKnown(
  client: PoolClient,
  groups: readonly SameId[],
  batchId: number,
): Promise<Map<SameId, bigint>> {
  const [orgIds, eventIds] = arraysOf(groups);
  // A statement of its own: it must see what another writer committed while an insert waited for it.
  const { rows } = await client.query<{ position: number; payload_hash: string }>(
    `select k.position::int - 1 as position, e.payload_hash::text
     from unnest($1::text[], $2::uuid[]) with ordinality as k (org_id, event_id, position)
     join analytics.event_keys e using (org_id, event_id)
     where e.batch_id <> $3
     union all
     select k.position::int - 1, e.payload_hash::text
     from unnest($1::text[], $2::uuid[]) with ordinality as k (org_id, event_id, position)
     join analytics.event_keys_previous e using (org_id, event_id)`,
    [orgIds, eventIds, batchId],
  );
  const known = new Map<SameId, bigint>();
  for (const row of rows) {
    const group = groups[row.position];
    if (group) known.set(group, BigInt(row.payload_hash));
  }
  return known;
}
