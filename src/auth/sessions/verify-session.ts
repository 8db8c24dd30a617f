import { LRUCache } from 'lru-cache';
import { isTransient } from '../../database/connection-error.ts';
import type { Database } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { type Clock, SECOND } from '../../time.ts';
import { hashOf } from '../api-key-secret.ts';
import { LastUses } from '../last-uses.ts';
import type { IsRevoked } from '../watch-revocations.ts';
import {
  isWithinTime,
  type LoginSession,
  type SessionRow,
  sessionColumns,
  sessionOf,
  whileKeyIsGood,
} from './session-row.ts';
import { isToken } from './session-token.ts';

/** A session that was ended stops working in every process within this time. */
const CACHE_TTL = 4 * SECOND;

/** Another process may have written a later use, or one of the same minute. */
const NOTE_USES = `
  update analytics.login_sessions s set last_seen_at = u.at
  from unnest($1::text[], $2::timestamptz[]) as u (id, at)
  where s.id = u.id and s.last_seen_at <= u.at - interval '1 minute'`;

interface Source {
  database: Database;
  /** Verifies sessions, if not `database`. */
  verifying?: Database | undefined;
  clock: Clock;
  isRevoked: IsRevoked;
}

/** Verifies the cookies of sessions, with a cache of those that were sent lately: most requests ask no database. */
export class SessionVerifier {
  readonly #clock: Clock;
  readonly #isRevoked: IsRevoked;
  readonly #uses: LastUses;
  readonly #cache: LRUCache<string, { row: SessionRow | null }>;

  constructor({ database, verifying = database, clock, isRevoked }: Source) {
    this.#clock = clock;
    this.#isRevoked = isRevoked;
    this.#uses = new LastUses({ database, clock, statement: NOTE_USES });
    this.#cache = new LRUCache({
      max: 10_000,
      ttl: CACHE_TTL,
      // The end of a session drops the entry, perhaps during its look-up. Requests that wait for the look-up still get it.
      ignoreFetchAbort: true,
      fetchMethod: async (hash: string) => {
        const { rows } = await verifying.query<SessionRow>(
          `select ${sessionColumns} from analytics.login_sessions s where s.token_hash = $1 and ${whileKeyIsGood('$2')}`,
          [Buffer.from(hash, 'base64'), new Date(clock.now())],
        );
        return { row: rows[0] ?? null };
      },
    });
  }

  /** Resolves to the session of a cookie. @throws {CodedError} `unauthenticated`, `unavailable` */
  async verify(token: string): Promise<LoginSession> {
    const row = isToken(token) ? await this.#rowOf(hashOf(token).toString('base64')) : null;
    const session = row === null ? undefined : this.#sessionOf(row);
    if (row === null || session === undefined || !this.isGood(session, row.granted_at))
      throw new CodedError('unauthenticated', 'Your session has ended. Sign in again.');
    this.#uses.note(session.id);
    return session;
  }

  /** Whether a session is within its times, and was started after any revocation. */
  isGood(session: LoginSession, grantedAt: Date | null): boolean {
    return (
      isWithinTime(session, this.#clock.now()) &&
      (session.actor.via === 'api_key' ||
        !this.#isRevoked({ actor: session.actor, issuedAt: grantedAt?.getTime() }))
    );
  }

  /** Makes the next use of a session read its row anew. */
  forget(token: string): void {
    this.#cache.delete(hashOf(token).toString('base64'));
  }

  /** The same for sessions whose token is not known. */
  forgetIds(ids: readonly string[]): void {
    for (const [hash, entry] of this.#cache.entries())
      if (entry.row !== null && ids.includes(entry.row.id)) this.#cache.delete(hash);
  }

  /** Its last use may not be written yet. */
  #sessionOf(row: SessionRow): LoginSession {
    const session = sessionOf(row);
    const noted = this.#uses.notedAt(row.id) ?? 0;
    return noted > session.lastSeenAt.getTime() ? { ...session, lastSeenAt: new Date(noted) } : session;
  }

  async #rowOf(hash: string): Promise<SessionRow | null> {
    try {
      return (await this.#cache.forceFetch(hash)).row;
    } catch (error) {
      if (!isTransient(error)) throw error;
      throw new CodedError('unavailable', 'Sessions cannot be checked right now; try again.', {
        cause: error,
        retryAfterSeconds: 1,
      });
    }
  }
}
