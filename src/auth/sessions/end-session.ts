import { type Database, withTransaction } from '../../database/pool.ts';
import type { Clock } from '../../time.ts';
import type { Actor } from '../actor.ts';
import { hashOf } from '../api-key-secret.ts';
import { createAudit } from '../audit.ts';
import type { Caller } from '../caller.ts';
import { type SessionRow, sessionColumns, sessionOf } from './session-row.ts';
import { openIdToken } from './session-token.ts';
import { ofOneOrg } from './start-session.ts';

interface Source {
  database: Database;
  clock: Clock;
}

/** A session that the browser itself has ended. */
interface EndedSession {
  actor: Actor;
  /** The ID token that it was started with, if the provider gave one. */
  idToken: string | undefined;
}

/** Ends the session of a cookie. @returns `undefined` if there is none */
export async function endOwnSession(
  { database, clock }: Source,
  token: string,
  caller: Omit<Caller, 'actor'>,
): Promise<EndedSession | undefined> {
  return withTransaction(database, async (client) => {
    const { rows } = await client.query<SessionRow & { sealed_id_token: Buffer | null }>(
      `delete from analytics.login_sessions s where token_hash = $1 returning ${sessionColumns}, s.sealed_id_token`,
      [hashOf(token)],
    );
    const [row] = rows;
    if (!row) return undefined;
    const { actor, id } = sessionOf(row);
    const entry = { ...caller, actor, ...ofOneOrg(actor) };
    await createAudit(client, clock)({ ...entry, action: 'session.end', subject: id });
    const sealed = row.sealed_id_token;
    return { actor, idToken: sealed === null ? undefined : openIdToken(token, sealed) };
  });
}

/** Which sessions of the caller end: one, or all except one. */
export type SessionsToEnd = { id: string } | { exceptId: string | undefined };

/** Ends sessions of the caller, and records each in the audit log. @returns their ids */
export async function endSessions(
  { database, clock }: Source,
  which: SessionsToEnd,
  caller: Caller,
): Promise<string[]> {
  const { actor } = caller;
  return withTransaction(database, async (client) => {
    const [condition, value] =
      'id' in which ? ['id = $3', which.id] : ['id is distinct from $3', which.exceptId];
    const { rows } = await client.query<{ id: string }>(
      `delete from analytics.login_sessions where actor_id = $1 and via = $2 and ${condition} returning id`,
      [actor.id, actor.via, value ?? null],
    );
    const audit = createAudit(client, clock);
    for (const { id } of rows)
      await audit({ ...caller, ...ofOneOrg(actor), action: 'session.end', subject: id });
    return rows.map(({ id }) => id);
  });
}
