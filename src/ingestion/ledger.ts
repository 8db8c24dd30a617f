import type { PoolClient } from 'pg';
import type { Queryable } from '../database/pool.ts';
import { quoteElement } from '../database/text-array.ts';
import { copyOf, runScript, type ScriptStatement } from './copy-in.ts';
import type { EncodedEvent } from './encoded-events.ts';

/**
 * What the ledger says of an event: it is new, it was counted before, or its id was used with other content. So is what
 * only one event may be: see `once` of its type.
 */
export type DedupResult = 'stored' | 'duplicate' | 'conflict';

/** An id to enter: that of an event, or of what only one event may be. */
interface Entry {
  orgId: string;
  eventId: string;
  payloadHash: bigint;
}

/** The entries of one id within a batch. Only the first of them may be stored. */
interface SameId<E extends Entry = Entry> {
  first: E;
  later: E[];
}

const KEYS = 'analytics.event_keys (org_id, event_id, payload_hash, batch_id)';
const UNIQUE_VIOLATION = '23505';
/** After a batch with known ids, this many batches are looked up before they are entered. */
const WARY_BATCHES = 20;
/** Batches are numbered from 1. */
const NO_BATCH = 0;

/**
 * The ledger of event ids, which makes every event count once. It is exact across writers and processes: of two that
 * enter the same id, the second waits for the first to commit.
 *
 * Ids are nearly always new, so they are copied in without a lookup. That takes less than half the time of an insert
 * with `on conflict`. A known id makes the copy fail. Then, and for some batches after, ids are looked up first, so
 * that a replay is as fast as the events that it repeats.
 */
export class EventLedger {
  #wary = 0;

  /**
   * Decides about events of which none claims what only one event may be, and enters nothing.
   * @returns the result for each event, and the statements that enter the new ids. They fail if another batch enters one
   * of the ids meanwhile; `explains` tells such an error.
   */
  async look(
    client: PoolClient,
    events: readonly EncodedEvent[],
    batchId: number,
    hasPrevious: boolean,
  ): Promise<{ results: Map<EncodedEvent, DedupResult>; newIds: ScriptStatement[] }> {
    const groups = groupById(events);
    const known = await this.#findIfLikely(client, groups, batchId, hasPrevious);
    this.#note(known.size);
    const fresh = known.size === 0 ? groups : groups.filter((group) => !known.has(group));
    return {
      results: dedupResultsOf(groups, known),
      newIds: fresh.length === 0 ? [] : [copyOf(KEYS, [encodeKeys(fresh, batchId)])],
    };
  }

  /** Whether ids were entered that the ledger has already. The next batches are looked up first. */
  explains(error: unknown): boolean {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) return false;
    this.#note(1);
    return true;
  }

  #note(known: number): void {
    this.#wary = known > 0 ? WARY_BATCHES : Math.max(0, this.#wary - 1);
  }

  /** Looks ids up if some may be known, and assumes that they are new otherwise. */
  async #findIfLikely(
    client: PoolClient,
    groups: readonly SameId[],
    batchId: number,
    hasPrevious: boolean,
  ): Promise<Map<SameId, bigint>> {
    return this.#wary > 0 || hasPrevious ? findKnown(client, groups, batchId) : new Map();
  }

  /**
   * Enters the ids of a batch and returns the result for each event. Must run in the transaction that stores the
   * events.
   * @param hasPrevious whether the previous generation of ids has to be searched, as seen in this transaction
   */
  async enter(
    client: PoolClient,
    events: readonly EncodedEvent[],
    batchId: number,
    hasPrevious: boolean,
  ): Promise<Map<EncodedEvent, DedupResult>> {
    const groups = groupById(events);
    const known = await this.#enterGroups(client, groups, batchId, hasPrevious);
    this.#note(known.size);
    const results = dedupResultsOf(groups, known);
    const claims = events.flatMap((event) => (results.get(event) === 'stored' ? claimsOf(event) : []));
    if (claims.length === 0) return results;
    const claimGroups = groupById(claims);
    const taken = dedupResultsOf(
      claimGroups,
      await this.#enterGroups(client, claimGroups, batchId, hasPrevious),
    );
    const refused = claims.filter((claim) => taken.get(claim) === 'conflict').map(({ event }) => event);
    const ids = new Set(refused.map(idOf));
    for (const event of events) if (ids.has(idOf(event))) results.set(event, 'conflict');
    // Their ids stay free. Otherwise a refused event that is sent again would be a duplicate of one that nobody counted.
    await removeIds(client, refused, batchId);
    return results;
  }

  /** Enters the new ids. Returns the payload hashes of the known ones. */
  async #enterGroups(
    client: PoolClient,
    groups: readonly SameId[],
    batchId: number,
    hasPrevious: boolean,
  ): Promise<Map<SameId, bigint>> {
    const known = await this.#findIfLikely(client, groups, batchId, hasPrevious);
    const fresh = known.size === 0 ? groups : groups.filter((group) => !known.has(group));
    if (fresh.length === 0) return known;
    try {
      await runScript(client, [{ sql: 'savepoint ids' }, copyOf(KEYS, [encodeKeys(fresh, batchId)])]);
      return known;
    } catch (error) {
      if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
      await client.query('rollback to savepoint ids');
      await insertUnknown(client, fresh, batchId);
      return findKnown(client, groups, batchId);
    }
  }
}

/** The content hashes of those events whose ids are in the ledger. Enters nothing. */
export async function lookUp(
  database: Queryable,
  events: readonly EncodedEvent[],
): Promise<Map<EncodedEvent, bigint>> {
  if (events.length === 0) return new Map();
  const known = await findKnown(database, groupById(events), NO_BATCH);
  return new Map(
    [...known].flatMap(([{ first, later }, hash]) =>
      [first, ...later].map((event): [EncodedEvent, bigint] => [event, hash]),
    ),
  );
}

/** The claim of an event to what only one event may be. Its hash is of the id of the event. */
interface Claim extends Entry {
  event: EncodedEvent;
}

function claimsOf(event: EncodedEvent): Claim[] {
  const { orgId, onceId, eventId } = event;
  if (onceId === undefined) return [];
  const half = (from: number) => BigInt(`0x${eventId.slice(from, from + 16)}`);
  return [{ orgId, eventId: onceId, payloadHash: BigInt.asIntN(64, half(0) ^ half(16)), event }];
}

function idOf({ orgId, eventId }: Entry): string {
  return `${eventId} ${orgId}`;
}

/** Removes the ids that this batch has entered for events. Ids of two orgs may be the same. */
async function removeIds(
  client: PoolClient,
  events: readonly EncodedEvent[],
  batchId: number,
): Promise<void> {
  for (const [orgId, some] of Map.groupBy(events, (event) => event.orgId)) {
    await client.query(
      'delete from analytics.event_keys where org_id = $1 and batch_id = $2 and event_id = any($3::uuid[])',
      [orgId, batchId, `{${some.map(({ eventId }) => eventId).join()}}`],
    );
  }
}

function compare(a: Entry, b: Entry): number {
  if (a.orgId !== b.orgId) return a.orgId < b.orgId ? -1 : 1;
  if (a.eventId === b.eventId) return 0;
  return a.eventId < b.eventId ? -1 : 1;
}

// All writers use one order, so that two with common ids wait for each other instead of deadlocking. It also keeps
// the index pages of a batch together.
function groupById<E extends Entry>(events: readonly E[]): SameId<E>[] {
  const groups: SameId<E>[] = [];
  for (const event of [...events].sort(compare)) {
    const group = groups.at(-1);
    if (group && compare(group.first, event) === 0) group.later.push(event);
    else groups.push({ first: event, later: [] });
  }
  return groups;
}

function dedupResultsOf<E extends Entry>(
  groups: readonly SameId<E>[],
  known: ReadonlyMap<SameId, bigint>,
): Map<E, DedupResult> {
  const results = new Map<E, DedupResult>();
  for (const group of groups) {
    const { first, later } = group;
    const earlier = known.get(group);
    const counted = earlier ?? first.payloadHash;
    const repeated = (event: E) => (event.payloadHash === counted ? 'duplicate' : 'conflict');
    results.set(first, earlier === undefined ? 'stored' : repeated(first));
    for (const event of later) results.set(event, repeated(event));
  }
  return results;
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

// Array literals as text: node-postgres takes several times as long to write JavaScript arrays.
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

/** The payload hashes of the ids that other batches have entered. */
async function findKnown<E extends Entry>(
  client: Queryable,
  groups: readonly SameId<E>[],
  batchId: number,
): Promise<Map<SameId<E>, bigint>> {
  const [orgIds, eventIds] = arraysOf(groups);
  // Not part of the insert: it must see what another writer committed while the insert waited.
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
  const known = new Map<SameId<E>, bigint>();
  for (const row of rows) {
    const group = groups[row.position];
    if (group) known.set(group, BigInt(row.payload_hash));
  }
  return known;
}
