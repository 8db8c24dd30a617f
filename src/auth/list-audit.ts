import type { Database } from '../database/pool.ts';
import type { OrgScope } from './caller.ts';

/** An entry of the audit log. Times are ISO 8601. */
export interface ListedAudit {
  id: string;
  at: string;
  actorId: string;
  actorVia: string;
  action: string;
  /** The org that it affects; null: none, or several. */
  orgId: string | null;
  subject: string | null;
  route: string;
  requestId: string;
  before: unknown;
  after: unknown;
}

interface AuditWanted {
  scope: OrgScope;
  actorId?: string | undefined;
  action?: string | undefined;
  /** Milliseconds since the epoch. */
  start?: number | undefined;
  end?: number | undefined;
  /** Only entries before the one with this id. */
  beforeId?: string | undefined;
  limit: number;
}

/** The entries of the audit log that match, the newest first. */
export async function listAudit(database: Database, wanted: AuditWanted): Promise<ListedAudit[]> {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const { rows } = await database.query<Omit<ListedAudit, 'at'> & { at: Date }>(
    `select id::text as id, at, actor_id as "actorId", actor_via as "actorVia", action, org_id as "orgId", subject, route,
       request_id as "requestId", before, after
     from analytics.audit_log
     where ${conditionsOf(wanted, parameter).join(' and ')}
     order by audit_log.id desc limit ${parameter(wanted.limit)}`,
    values,
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

function conditionsOf(wanted: AuditWanted, parameter: (value: unknown) => string): string[] {
  const { scope, actorId, action, start, end, beforeId } = wanted;
  return [
    'true',
    ...(scope === 'all' ? [] : [`org_id = any(${parameter(scope)}::text[])`]),
    ...(actorId === undefined ? [] : [`actor_id = ${parameter(actorId)}`]),
    ...(action === undefined ? [] : [`action = ${parameter(action)}`]),
    ...(start === undefined ? [] : [`at >= ${parameter(new Date(start))}`]),
    ...(end === undefined ? [] : [`at < ${parameter(new Date(end))}`]),
    ...(beforeId === undefined ? [] : [`audit_log.id < ${parameter(beforeId)}::bigint`]),
  ];
}
