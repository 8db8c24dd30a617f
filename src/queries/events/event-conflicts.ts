import type { Queryable } from '../../database/pool.ts';
import type { TimeRange } from '../reading/time-buckets.ts';
import { microsecondsSql } from './event-row.ts';

/** An event whose id had been used for other content. It was not counted. Its content is not kept. */
export interface EventConflict {
  /** The stored id, a UUID. An id that is no UUID is stored as its UUIDv5. */
  storedId: string;
  type: string;
  /** When it happened, as it said. */
  occurredAt: string;
  /** When it was refused. */
  receivedAt: string;
  correlationId: string;
  batchId: number;
  /** A hash of its content, in hexadecimal: equal hashes are equal contents. */
  contentHash: string;
  /** How often the same content came in this batch. */
  times: number;
}

/** A place in the list of conflicts, which goes on behind it. */
export interface ConflictPlace {
  /** ISO 8601 in UTC, with microseconds. */
  receivedAt: string;
  storedId: string;
  contentHash: string;
}

interface ConflictsWanted {
  orgId: string;
  type?: string | undefined;
  /** The stored id, a UUID. */
  storedId?: string | undefined;
  /** When they were received. */
  range?: TimeRange | undefined;
  after?: ConflictPlace | undefined;
  limit: number;
}

/** The conflicts of an org, those that came last first. They are kept for 35 days. */
export async function listConflicts(database: Queryable, wanted: ConflictsWanted): Promise<EventConflict[]> {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const { rows } = await database.query<EventConflict>(
    `select event_id as "storedId", type, ${microsecondsSql('occurred_at')} as "occurredAt",
       ${microsecondsSql('received_at')} as "receivedAt", correlation_id as "correlationId", batch_id as "batchId",
       ${HASH} as "contentHash", count(*) as times
     from analytics.event_conflicts
     where ${conditionsOf(wanted, parameter).join(' and ')}
     group by received_at, event_id, payload_hash, type, occurred_at, correlation_id, batch_id
     order by received_at desc, event_id desc, payload_hash desc
     limit ${parameter(wanted.limit)}`,
    values,
  );
  return rows;
}

const HASH = `lpad(to_hex(payload_hash), 16, '0')`;

function conditionsOf(
  { orgId, type, storedId, range, after }: ConflictsWanted,
  parameter: (value: unknown) => string,
): string[] {
  const conditions = [`org_id = ${parameter(orgId)}`];
  if (type !== undefined) conditions.push(`type = ${parameter(type)}`);
  if (storedId !== undefined) conditions.push(`event_id = ${parameter(storedId)}::uuid`);
  if (range !== undefined) {
    conditions.push(
      `received_at >= ${parameter(new Date(range.start))}`,
      `received_at < ${parameter(new Date(range.end))}`,
    );
  }
  if (after !== undefined) {
    const hash = BigInt.asIntN(64, BigInt(`0x${after.contentHash}`));
    conditions.push(
      `(received_at, event_id, payload_hash) < (${parameter(after.receivedAt)}::timestamptz, ${parameter(after.storedId)}::uuid, ${parameter(hash)}::bigint)`,
    );
  }
  return conditions;
}
