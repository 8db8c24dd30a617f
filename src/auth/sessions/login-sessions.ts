import type { Database } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import type { Actor } from '../actor.ts';
import type { Caller } from '../caller.ts';
import type { IsRevoked } from '../watch-revocations.ts';
import { endOwnSession, endSessions } from './end-session.ts';
import {
  type LoginSession,
  type SessionRow,
  sessionColumns,
  sessionOf,
  whileKeyIsGood,
} from './session-row.ts';
import { type Device, type Identity, startSession } from './start-session.ts';
import { SessionVerifier } from './verify-session.ts';

export interface LoginSessions {
  /** Signs a browser in. @returns the token for its cookie */
  start(
    identity: Identity,
    device: Device,
    caller: Omit<Caller, 'actor'>,
  ): Promise<{ token: string; session: LoginSession }>;
  /** Resolves to the session of a cookie. @throws {CodedError} `unauthenticated`, `unavailable` */
  verify(token: string): Promise<LoginSession>;
  /** The sessions of an actor that go on, the one used last first. */
  list(actor: Actor): Promise<LoginSession[]>;
  /** Ends the session of a cookie. `undefined`: there was none. */
  endOwn(
    token: string,
    caller: Omit<Caller, 'actor'>,
  ): Promise<{ actor: Actor; idToken: string | undefined } | undefined>;
  /** Ends one session of the caller. @throws {CodedError} `not_found` */
  end(id: string, caller: Caller): Promise<void>;
  /** Ends all sessions of the caller, except one. @returns how many */
  endOthers(exceptId: string | undefined, caller: Caller): Promise<number>;
}

interface Source {
  database: Database;
  /** Verifies sessions, if not `database`. */
  verifying?: Database;
  clock: Clock;
  isRevoked: IsRevoked;
}

/** Starts, verifies, lists and ends sessions. Each start and end adds an entry to the audit log. */
export function createLoginSessions(source: Source): LoginSessions {
  const verifier = new SessionVerifier(source);
  return {
    async start(identity, device, caller) {
      const { token, session, ended } = await startSession(source, identity, device, caller);
      verifier.forgetIds(ended);
      return { token, session };
    },
    verify: (token) => verifier.verify(token),
    list: (actor) => listSessions(source, verifier, actor),
    async endOwn(token, caller) {
      const ended = await endOwnSession(source, token, caller);
      verifier.forget(token);
      return ended;
    },
    async end(id, caller) {
      const ended = await endSessions(source, { id }, caller);
      if (ended.length === 0) throw new CodedError('not_found', 'You have no session with this id.');
      verifier.forgetIds(ended);
    },
    async endOthers(exceptId, caller) {
      const ended = await endSessions(source, { exceptId }, caller);
      verifier.forgetIds(ended);
      return ended.length;
    },
  };
}

async function listSessions(
  { database, clock }: Source,
  verifier: SessionVerifier,
  actor: Actor,
): Promise<LoginSession[]> {
  const { rows } = await database.query<SessionRow>(
    `select ${sessionColumns} from analytics.login_sessions s
     where s.actor_id = $1 and s.via = $2 and ${whileKeyIsGood('$3')}
     order by s.last_seen_at desc, s.id`,
    [actor.id, actor.via, new Date(clock.now())],
  );
  return rows.filter((row) => verifier.isGood(sessionOf(row), row.granted_at)).map(sessionOf);
}
