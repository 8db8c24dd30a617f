import type { PoolClient } from 'pg';
import type { Queryable } from '../database/pool.ts';
import { quoteElement } from '../database/text-array.ts';
import { copyOf, runScript, type ScriptStatement } from './copy-in.ts';
import type { DedupResult, EncodedEvent } from './encoded-events.ts';

/** An id to enter: that of an event, or of what only one event may be. */
interface Entry {
  orgId: string;
  eventId: string;
  payloadHash: bigint;
  result: DedupResult | undefined;
}

/** The ids of a batch. Of the entries with one id, only the first may be stored. */
interface BatchIds {
  /** The first entry of each id, in the order in which all writers enter ids. */
  firsts: Entry[];
  /** Entries whose id has come before in the batch. */
  repeated: { entry: Entry; first: Entry }[];
}

/** The payload hashes of ids that other batches have entered, by the first entry of this batch with the id. */
type KnownIds = ReadonlyMap<Entry, bigint>;
const NONE_KNOWN: KnownIds = new Map();

const KEYS = 'analytics.event_keys (org_id, event_id, payload_hash, batch_id)';
/** Of a key: the number of its columns, their lengths, an id, a hash, and the number of the batch. */
const KEY_BYTES = 2 + 4 * 4 + 16 + 8 + 8;
/** The most bytes that UTF-8 takes for one UTF-16 unit. */
const UTF8_MAX = 3;
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
   * Gives events their results, if none of them claims what only one event may be. Enters nothing.
   * @returns the statements that enter the new ids. They fail if another batch enters one of the ids meanwhile; `explains`
   * tells such an error.
   */
  async look(
    client: PoolClient,
    events: readonly EncodedEvent[],
    batchId: number,
    hasPrevious: boolean,
  ): Promise<ScriptStatement[]> {
    const ids = idsOf(events);
    const known = await this.#findIfLikely(client, ids.firsts, batchId, hasPrevious);
    this.#note(known.size);
    decide(ids, known);
    const fresh = unknownOf(ids, known);
    return fresh.length === 0 ? [] : [copyOf(KEYS, [encodeKeys(fresh, batchId)])];
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
    firsts: readonly Entry[],
    batchId: number,
    hasPrevious: boolean,
  ): Promise<KnownIds> {
    return this.#wary > 0 || hasPrevious ? findKnown(client, firsts, batchId) : NONE_KNOWN;
  }

  /**
   * Enters the ids of a batch and gives each event its result. Must run in the transaction that stores the events.
   * @param hasPrevious whether the previous generation of ids has to be searched, as seen in this transaction
   */
  async enter(
    client: PoolClient,
    events: readonly EncodedEvent[],
    batchId: number,
    hasPrevious: boolean,
  ): Promise<void> {
    const ids = idsOf(events);
    const known = await this.#enterIds(client, ids, batchId, hasPrevious);
    this.#note(known.size);
    decide(ids, known);
    const claims = events.flatMap((event) => (event.result === 'stored' ? claimsOf(event) : []));
    if (claims.length === 0) return;
    const claimed = idsOf(claims);
    decide(claimed, await this.#enterIds(client, claimed, batchId, hasPrevious));
    const refused = claims.filter(({ result }) => result === 'conflict').map(({ event }) => event);
    const refusedIds = new Set(refused.map(idOf));
    for (const event of events) if (refusedIds.has(idOf(event))) event.result = 'conflict';
    // Their ids stay free. Otherwise a refused event that is sent again would be a duplicate of one that nobody counted.
    await removeIds(client, refused, batchId);
  }

  /** Enters the new ids. Returns the payload hashes of the known ones. */
  async #enterIds(
    client: PoolClient,
    ids: BatchIds,
    batchId: number,
    hasPrevious: boolean,
  ): Promise<KnownIds> {
    const known = await this.#findIfLikely(client, ids.firsts, batchId, hasPrevious);
    const fresh = unknownOf(ids, known);
    if (fresh.length === 0) return known;
    try {
      await runScript(client, [{ sql: 'savepoint ids' }, copyOf(KEYS, [encodeKeys(fresh, batchId)])]);
      return known;
    } catch (error) {
      if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
      await client.query('rollback to savepoint ids');
      await insertUnknown(client, fresh, batchId);
      return findKnown(client, ids.firsts, batchId);
    }
  }
}

/** The content hashes of those events whose ids are in the ledger. Enters nothing. */
export async function lookUp(database: Queryable, events: readonly EncodedEvent[]): Promise<KnownIds> {
  if (events.length === 0) return NONE_KNOWN;
  const { firsts, repeated } = idsOf(events);
  const known = await findKnown(database, firsts, NO_BATCH);
  for (const { entry, first } of repeated) {
    const hash = known.get(first);
    if (hash !== undefined) known.set(entry, hash);
  }
  return known;
}

/** The claim of an event to what only one event may be. Its hash is of the id of the event. */
interface Claim extends Entry {
  event: EncodedEvent;
}

function claimsOf(event: EncodedEvent): Claim[] {
  const { orgId, onceId, eventId } = event;
  if (onceId === undefined) return [];
  const half = (from: number) => BigInt(`0x${eventId.slice(from, from + 16)}`);
  return [
    { orgId, eventId: onceId, payloadHash: BigInt.asIntN(64, half(0) ^ half(16)), result: undefined, event },
  ];
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
function idsOf(entries: readonly Entry[]): BatchIds {
  const firsts: Entry[] = [];
  const repeated: BatchIds['repeated'] = [];
  let last: Entry | undefined;
  for (const entry of [...entries].sort(compare)) {
    if (last !== undefined && compare(last, entry) === 0) repeated.push({ entry, first: last });
    else {
      firsts.push(entry);
      last = entry;
    }
  }
  return { firsts, repeated };
}

function unknownOf({ firsts }: BatchIds, known: KnownIds): readonly Entry[] {
  return known.size === 0 ? firsts : firsts.filter((entry) => !known.has(entry));
}

/** Gives each entry of a batch its result. */
function decide({ firsts, repeated }: BatchIds, known: KnownIds): void {
  const resultBeside = (counted: bigint, { payloadHash }: Entry) =>
    payloadHash === counted ? 'duplicate' : 'conflict';
  for (const entry of firsts) {
    const counted = known.size === 0 ? undefined : known.get(entry);
    entry.result = counted === undefined ? 'stored' : resultBeside(counted, entry);
  }
  for (const { entry, first } of repeated)
    entry.result = resultBeside(known.get(first) ?? first.payloadHash, entry);
}

/**
 * Rows of `event_keys` in the binary format of COPY. Numbers of 64 bits go through a `DataView`, which takes a fifth of the
 * time of the same method of `Buffer`.
 */
function encodeKeys(entries: readonly Entry[], batchId: number): Buffer {
  const size = entries.reduce((sum, { orgId }) => sum + KEY_BYTES + UTF8_MAX * orgId.length, 0);
  const rows = Buffer.allocUnsafe(size);
  const view = new DataView(rows.buffer, rows.byteOffset, size);
  const batch = BigInt(batchId);
  let at = 0;
  for (const { orgId, eventId, payloadHash } of entries) {
    at = rows.writeInt16BE(4, at);
    const orgBytes = rows.write(orgId, at + 4, 'utf8');
    at = rows.writeInt32BE(orgBytes, at) + orgBytes;
    at = rows.writeInt32BE(16, at);
    at += rows.write(eventId, at, 'hex');
    at = rows.writeInt32BE(8, at);
    view.setBigInt64(at, payloadHash);
    at = rows.writeInt32BE(8, at + 8);
    view.setBigInt64(at, batch);
    at += 8;
  }
  return rows.subarray(0, at);
}

// Array literals as text: node-postgres takes several times as long to write JavaScript arrays.
function arraysOf(entries: readonly Entry[]): [orgIds: string, eventIds: string, payloadHashes: string] {
  return [
    `{${entries.map(({ orgId }) => quoteElement(orgId)).join()}}`,
    `{${entries.map(({ eventId }) => eventId).join()}}`,
    `{${entries.map(({ payloadHash }) => payloadHash).join()}}`,
  ];
}

async function insertUnknown(client: PoolClient, entries: readonly Entry[], batchId: number): Promise<void> {
  await client.query(
    `insert into analytics.event_keys (org_id, event_id, payload_hash, batch_id)
     select k.org_id, k.event_id, k.payload_hash, $4
     from unnest($1::text[], $2::uuid[], $3::bigint[]) as k (org_id, event_id, payload_hash)
     on conflict do nothing`,
    [...arraysOf(entries), batchId],
  );
}

/** The payload hashes of the ids that other batches have entered. */
async function findKnown(
  client: Queryable,
  firsts: readonly Entry[],
  batchId: number,
): Promise<Map<Entry, bigint>> {
  const [orgIds, eventIds] = arraysOf(firsts);
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
  const known = new Map<Entry, bigint>();
  for (const row of rows) {
    const first = firsts[row.position];
    if (first) known.set(first, BigInt(row.payload_hash));
  }
  return known;
}
