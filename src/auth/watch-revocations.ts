import type { Database } from '../database/pool.ts';
import { Rounds } from '../jobs/rounds.ts';
import type { Log } from '../telemetry/log.ts';
import { SECOND } from '../time.ts';
import type { VerifiedToken } from './token-claims.ts';
import { listTokenRevocations, type TokenRevocation } from './token-revocations.ts';

/** A revocation holds in every process within this time, and the time of one query. */
const EVERY = 2 * SECOND;

/** Whether a token has been revoked. */
export type IsRevoked = (token: Pick<VerifiedToken, 'actor' | 'issuedAt'>) => boolean;

/**
 * Keeps all revocations in memory, so that a request asks no database whether its token is still good. While the
 * database cannot be read, the revocations known so far hold.
 */
export async function watchRevocations(
  database: Database,
  log: Pick<Log, 'error'>,
): Promise<{ isRevoked: IsRevoked; stop(): Promise<void> }> {
  let known = momentsOf(await listTokenRevocations(database));
  const rounds = new Rounds({ name: 'tokens', log });
  rounds.begin('read revocations', async () => {
    known = momentsOf(await listTokenRevocations(database));
    return EVERY;
  });
  return { isRevoked: (token) => isRevokedBy(known, token), stop: () => rounds.stop() };
}

/** The latest moment of each owner, in milliseconds. */
function momentsOf(revocations: readonly TokenRevocation[]): ReadonlyMap<string, number> {
  return new Map(revocations.map(({ kind, name, issuedUpTo }) => [`${kind} ${name}`, issuedUpTo.getTime()]));
}

/** A token that does not say when it was issued counts as issued before any revocation. */
function isRevokedBy(
  moments: ReadonlyMap<string, number>,
  { actor, issuedAt }: Parameters<IsRevoked>[0],
): boolean {
  if (moments.size === 0) return false;
  return [`subject ${actor.id}`, ...actor.orgs.map((org) => `org ${org}`)].some((owner) => {
    const moment = moments.get(owner);
    return moment !== undefined && (issuedAt === undefined || issuedAt <= moment);
  });
}
