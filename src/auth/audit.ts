import type { Database } from '../database/pool.ts';
import type { Clock } from '../time.ts';
import type { Caller } from './caller.ts';

export interface AuditEntry extends Caller {
  action:
    | 'org.read'
    | `org.${'delete' | 'deleted' | 'allow' | 'retention' | 'timezone'}`
    | 'api_key.create'
    | 'api_key.revoke'
    | 'tokens.revoke'
    | `session.${'start' | 'refuse' | 'end'}`
    | 'login_link.create'
    | 'labels.declare'
    | 'price.put'
    | 'price.remove'
    | `price_alias.${'put' | 'remove'}`
    | 'prices.reprice'
    | 'prices.import'
    | `alert_config.${'create' | 'update' | 'delete' | 'test'}`
    | `alert_silence.${'create' | 'update' | 'delete'}`
    | `notification_preference.${'set' | 'remove'}`
    | `webhook.${'create' | 'remove'}`
    | `notification.${'test' | 'replay'}`
    | `export.${'create' | 'cancel' | 'download'}`
    | `export_schedule.${'put' | 'delete'}`
    | 'export_period.reopen'
    | `alert.${'acknowledge' | 'unacknowledge' | 'resolve'}`;
  /** The org that the action affects, if it affects one. */
  orgId?: string;
  /** The object of the action, such as the id of an API key. */
  subject?: string;
  /** The object before the action. */
  before?: unknown;
  /** The object after the action. */
  after?: unknown;
}

/** Adds an entry to the audit log, whose entries cannot be changed. Resolves once it is committed. */
export type RecordAudit = (entry: AuditEntry) => Promise<void>;

export function createAudit(database: Database, clock: Clock): RecordAudit {
  return (entry) => recordAudits(database, clock, [entry]);
}

/** Adds several entries with one time to the audit log, in one statement. */
export async function recordAudits(
  database: Database,
  clock: Clock,
  entries: readonly AuditEntry[],
): Promise<void> {
  const rows = entries.map(({ actor, orgId, requestId, ...entry }) => ({
    ...entry,
    actor_id: actor.id,
    actor_via: actor.via,
    org_id: orgId,
    request_id: requestId,
  }));
  await database.query(
    `insert into analytics.audit_log (at, actor_id, actor_via, action, org_id, subject, before, after, route, request_id)
     select $1, r.actor_id, r.actor_via, r.action, r.org_id, r.subject, r.before, r.after, r.route, r.request_id
     from jsonb_to_recordset($2::jsonb) as r (actor_id text, actor_via text, action text, org_id text, subject text,
       before jsonb, after jsonb, route text, request_id text)`,
    [new Date(clock.now()), JSON.stringify(rows)],
  );
}
