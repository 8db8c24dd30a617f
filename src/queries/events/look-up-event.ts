import type { Queryable } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { formatUuid, storedEventId } from '../../events/event-id.ts';
import { mergedBefore } from '../../rollups/upkeep/merge-batches.ts';
import type { Clock } from '../../time.ts';
import { type EventConflict, listConflicts } from './event-conflicts.ts';
import { lineTypes } from './event-filter.ts';
import { type EventRow, eventRowSql } from './event-row.ts';

/** The books of a batch. */
export interface Batch {
  batchId: number;
  source: string;
  receivedAt: string;
  storedAt: string;
  /** Null while its events wait for their roll-up. */
  rolledUpAt: string | null;
  received: number;
  stored: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
}

/** What is known of an event id. */
export interface EventLookUp {
  /** The id under which it is stored, a UUID. */
  storedId: string;
  /** stored: counted. removed: counted, but the raw event is past its time. refused: never counted. */
  outcome: 'stored' | 'removed' | 'refused';
  event: EventRow | undefined;
  /** The rows of its lines, for an order. */
  lines: EventRow[];
  batchId: number | null;
  /** Null if its row has been merged with others, a day later. */
  batch: Batch | null;
  /** Events of the same id and other content, those that came last first. */
  conflicts: EventConflict[];
  /** Ids that were counted since this time are known; ISO 8601. */
  rememberedSince: string;
}

interface Entry {
  batch_id: number;
}

/** The most conflicts beside an event. */
const MOST_CONFLICTS = 50;

/**
 * Looks an event up by its id: in the ledger, which names its batch, and then among the rows of that batch.
 * @throws {CodedError} `not_found`, with the time since when ids are known
 */
export async function lookUpEvent(
  { database, clock }: { database: Queryable; clock: Clock },
  orgId: string,
  eventId: string,
): Promise<EventLookUp> {
  const storedId = formatUuid(storedEventId(orgId, eventId));
  const rememberedSince = await idsRememberedSince(database);
  const { rows: entries } = await database.query<Entry>(
    `select batch_id from analytics.event_keys where org_id = $1 and event_id = $2
     union all select batch_id from analytics.event_keys_previous where org_id = $1 and event_id = $2`,
    [orgId, storedId],
  );
  const conflicts = await listConflicts(database, { orgId, storedId, limit: MOST_CONFLICTS });
  const batchId = entries[0]?.batch_id ?? null;
  if (batchId === null) {
    if (conflicts.length === 0) throw neverSeen(orgId, rememberedSince);
    return {
      storedId,
      outcome: 'refused',
      event: undefined,
      lines: [],
      batchId,
      batch: null,
      conflicts,
      rememberedSince,
    };
  }
  const batch = await readBatch(database, batchId, clock.now());
  const [event, ...lines] = await readRows(database, { orgId, storedId, batchId });
  const outcome = event === undefined ? 'removed' : 'stored';
  return { storedId, outcome, event, lines, batchId, batch, conflicts, rememberedSince };
}

function neverSeen(orgId: string, rememberedSince: string): CodedError {
  return new CodedError(
    'not_found',
    `No event with this id was counted or refused for the org ${orgId} since ${rememberedSince}. Ids of earlier events are forgotten.`,
  );
}

/** The ledger has two generations of ids. The start of the older one is that of what it knows. */
async function idsRememberedSince(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ since: Date }>(
    `select min(g.started_at) as since
     from (select started_at from analytics.key_generations order by started_at desc limit 2) as g`,
  );
  const [row] = rows;
  if (!row?.since) throw new Error('there is no generation of ids');
  return row.since.toISOString();
}

interface RowsOfEvent {
  orgId: string;
  storedId: string;
  batchId: number;
}

/** The row of an event, and then those of its lines, which have the same id. */
async function readRows(database: Queryable, { orgId, storedId, batchId }: RowsOfEvent): Promise<EventRow[]> {
  const { rows } = await database.query<EventRow>(
    `select ${eventRowSql} from analytics.events e
     where e.batch_id = $1 and e.org_id = $2 and e.event_id = $3
     order by e.type = any($4::text[])`,
    [batchId, orgId, storedId, lineTypes],
  );
  return rows;
}

async function readBatch(database: Queryable, batchId: number, now: number): Promise<Batch | null> {
  const { rows } = await database.query<
    Omit<Batch, 'receivedAt' | 'storedAt' | 'rolledUpAt'> & {
      started: Date;
      completed: Date;
      rolled_up: Date | null;
    }
  >(
    `select batch_id as "batchId", source, started_at as started, completed_at as completed, rolled_up_at as rolled_up,
       received, stored, duplicates, conflicts, rejected
     from analytics.ingestion_batches where batch_id = $1 and completed_at >= $2`,
    [batchId, mergedBefore(now)],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { started, completed, rolled_up, ...counts } = row;
  return {
    ...counts,
    receivedAt: started.toISOString(),
    storedAt: completed.toISOString(),
    rolledUpAt: rolled_up?.toISOString() ?? null,
  };
}
