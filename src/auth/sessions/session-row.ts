import { DAY, HOUR } from '../../time.ts';
import type { Actor, SignInKind } from '../actor.ts';
import type { Role } from '../roles.ts';

/** A session without requests for so long has ended. */
export const IDLE_TIME = 12 * HOUR;
/** No session lasts longer. */
export const LONGEST_SESSION = 7 * DAY;

/** A browser that is signed in. */
export interface LoginSession {
  id: string;
  actor: Actor & { via: SignInKind };
  /** The name of the person or program, to be shown to it. */
  name: string;
  createdAt: Date;
  /** To the minute. */
  lastSeenAt: Date;
  /** When it ends at the latest. */
  expiresAt: Date;
  userAgent: string | null;
  address: string | null;
}

/** A row of `analytics.login_sessions` with `sessionColumns`. */
export interface SessionRow {
  id: string;
  actor_id: string;
  name: string;
  roles: Role[];
  orgs: string[];
  via: SignInKind;
  granted_at: Date | null;
  created_at: Date;
  last_seen_at: Date;
  expires_at: Date;
  user_agent: string | null;
  address: string | null;
}

export const sessionColumns =
  's.id, s.actor_id, s.name, s.roles, s.orgs, s.via, s.granted_at, s.created_at, s.last_seen_at, s.expires_at, ' +
  's.user_agent, s.address';

/** An API key that is revoked or expired at `now` ends the sessions that it started. */
export function whileKeyIsGood(now: string): string {
  return `(s.via <> 'api_key' or exists (
    select from analytics.api_keys k
    where k.id = s.actor_id and k.revoked_at is null and (k.expires_at is null or k.expires_at > ${now})))`;
}

export function sessionOf(row: SessionRow): LoginSession {
  return {
    id: row.id,
    actor: { id: row.actor_id, roles: row.roles, orgs: row.orgs, via: row.via },
    name: row.name,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    userAgent: row.user_agent,
    address: row.address,
  };
}

/** Whether neither its longest nor its idle time is over. */
export function isWithinTime({ expiresAt, lastSeenAt }: LoginSession, now: number): boolean {
  return now < expiresAt.getTime() && now < lastSeenAt.getTime() + IDLE_TIME;
}
