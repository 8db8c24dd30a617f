import type { Database } from '../database/pool.ts';
import type { Clock } from '../time.ts';
import type { Actor } from './actor.ts';

export interface AuditEntry {
  actor: Actor;
  action:
    | 'org.read'
    | 'api_key.create'
    | 'api_key.revoke'
    | 'price.put'
    | 'price.remove'
    | 'prices.reprice'
    | `alert_config.${'create' | 'update' | 'delete'}`
    | `notification_preference.${'set' | 'remove'}`
    | `webhook.${'create' | 'remove'}`
    | 'notification.test'
    | `alert.${'acknowledge' | 'unacknowledge' | 'resolve'}`;
  /** The org it was about, if about one. */
  orgId?: string;
  /** What was acted on, such as the id of an API key. */
  subject?: string;
  /** It as it was, and as it is now. */
  before?: unknown;
  after?: unknown;
  /** Method and pattern of the route. */
  route: string;
  requestId: string;
}

/** Who does something, and by what way. */
export type Deed = Pick<AuditEntry, 'actor' | 'route' | 'requestId'>;

/** Adds an entry to the audit log, which takes no changes. Resolves once it is committed. */
export type RecordAudit = (entry: AuditEntry) => Promise<void>;

export const createAudit =
  (database: Database, clock: Clock): RecordAudit =>
  async ({ actor, action, orgId, subject, before, after, route, requestId }) => {
    await database.query(
      `insert into analytics.audit_log (at, actor_id, actor_via, action, org_id, subject, before, after, route, request_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        new Date(clock.now()),
        actor.id,
        actor.via,
        action,
        orgId ?? null,
        subject ?? null,
        before === undefined ? null : JSON.stringify(before),
        after === undefined ? null : JSON.stringify(after),
        route,
        requestId,
      ],
    );
  };
