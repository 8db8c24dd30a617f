import { randomBytes } from 'node:crypto';
import { type Database, withTransaction } from '../../database/pool.ts';
import { withoutHidden } from '../../plain-text.ts';
import type { Clock } from '../../time.ts';
import type { Actor, SignInKind } from '../actor.ts';
import { hashOf } from '../api-key-secret.ts';
import { createAudit } from '../audit.ts';
import type { Caller } from '../caller.ts';
import {
  LONGEST_SESSION,
  type LoginSession,
  type SessionRow,
  sessionColumns,
  sessionOf,
} from './session-row.ts';
import { randomToken, sealIdToken } from './session-token.ts';

/** Who signs in, proved in one of the ways. */
export interface Identity {
  actor: Actor & { via: SignInKind };
  name: string;
  /** When the token or the claims were issued; `undefined`: a token that does not say. */
  grantedAt: Date | undefined;
  /** When the token expires, and the session with it. */
  expiresAt?: Date | undefined;
  /** For signing out at the provider of OpenID Connect. */
  idToken?: string | undefined;
}

/** The browser that signs in. */
export interface Device {
  userAgent: string | undefined;
  address: string;
}

/** Sessions of an actor. Beyond it the one that was used longest ago ends. */
const MOST_SESSIONS = 20;
const MOST_CHARACTERS = 200;

/** Starts a session, and records it in the audit log. @returns the token for its cookie, and the ids of ended sessions */
export async function startSession(
  { database, clock }: { database: Database; clock: Clock },
  identity: Identity,
  device: Device,
  caller: Omit<Caller, 'actor'>,
): Promise<{ token: string; session: LoginSession; ended: string[] }> {
  const token = randomToken();
  const { actor } = identity;
  return withTransaction(database, async (client) => {
    const session = await insertSession(client, { token, identity, device, now: clock.now() });
    const audit = createAudit(client, clock);
    const entry = { ...caller, actor, ...ofOneOrg(actor) };
    const after = { name: session.name, roles: actor.roles, orgs: actor.orgs, address: session.address };
    await audit({ ...entry, action: 'session.start', subject: session.id, after });
    const { rows } = await client.query<{ id: string }>(
      `delete from analytics.login_sessions where id in (
         select id from analytics.login_sessions where actor_id = $1 and via = $2 and id <> $3
         order by last_seen_at desc, id offset $4)
       returning id`,
      [actor.id, actor.via, session.id, MOST_SESSIONS - 1],
    );
    for (const { id } of rows)
      await audit({ ...entry, action: 'session.end', subject: id, after: { reason: 'too many sessions' } });
    return { token, session, ended: rows.map(({ id }) => id) };
  });
}

interface NewSession {
  token: string;
  identity: Identity;
  device: Device;
  now: number;
}

async function insertSession(
  client: Database,
  { token, identity, device, now }: NewSession,
): Promise<LoginSession> {
  const { actor, name, grantedAt, expiresAt, idToken } = identity;
  const { rows } = await client.query<SessionRow>(
    `insert into analytics.login_sessions as s (id, token_hash, actor_id, name, roles, orgs, via, granted_at, created_at,
       last_seen_at, expires_at, user_agent, address, sealed_id_token)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13)
     returning ${sessionColumns}`,
    [
      randomBytes(8).toString('hex'),
      hashOf(token),
      actor.id,
      shown(name),
      actor.roles,
      actor.orgs,
      actor.via,
      grantedAt ?? null,
      new Date(now),
      new Date(Math.min(now + LONGEST_SESSION, expiresAt?.getTime() ?? Infinity)),
      device.userAgent === undefined ? null : shown(device.userAgent),
      device.address,
      sealIdToken(token, idToken) ?? null,
    ],
  );
  const [row] = rows;
  if (!row) throw new Error('the insert returned no row');
  return sessionOf(row);
}

/** Entries about an actor of one org are shown to the admins of that org. */
export function ofOneOrg({ orgs }: Actor): { orgId?: string } {
  const [only, ...others] = orgs;
  return only !== undefined && others.length === 0 ? { orgId: only } : {};
}

/** What a provider or a browser says of itself, as text that can be stored and shown. */
function shown(text: string): string {
  return withoutHidden(text.toWellFormed()).slice(0, MOST_CHARACTERS).toWellFormed();
}
