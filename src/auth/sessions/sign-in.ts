import type { Database } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import type { Actor } from '../actor.ts';
import type { Caller } from '../caller.ts';
import type { VerifiedToken } from '../token-claims.ts';
import { redeemLoginCode } from './login-codes.ts';
import type { LoginSessions } from './login-sessions.ts';
import type { RecordRefusal } from './refusals.ts';
import type { LoginSession } from './session-row.ts';
import type { Device, Identity } from './start-session.ts';
import { type Unusable, whyUnusable } from './usable.ts';

/** What a browser proves with who it is. */
export type Proof = { code: string } | { token: string } | { apiKey: string };

export interface SignInSource {
  database: Database;
  clock: Clock;
  sessions: LoginSessions;
  refused: RecordRefusal;
  verifyToken(token: string): Promise<VerifiedToken>;
  verifyApiKey(key: string): Promise<Actor>;
}

const WORDS: Record<Unusable, string> = {
  no_role:
    'It has no role that may read: it can send events at most. Sign in with one of the roles admin, org_admin, engineer, finance or business_viewer.',
  no_org:
    'It belongs to no org, and its role reads its own orgs only. Ask an admin for one that names your org.',
};

/**
 * Signs a browser in. The audit log gets an entry, also of a refusal.
 * @throws {CodedError} `unauthenticated` when the proof is not good; `forbidden` when the console has nothing to show
 */
export async function signIn(
  source: SignInSource,
  proof: Proof,
  device: Device,
  caller: Omit<Caller, 'actor'>,
): Promise<{ token: string; session: LoginSession }> {
  let actor: Actor | undefined;
  try {
    const identity = await identify(source, proof);
    actor = identity.actor;
    const unusable = whyUnusable(actor);
    if (unusable !== undefined) throw new CodedError('forbidden', WORDS[unusable]);
    return await source.sessions.start(identity, device, caller);
  } catch (error) {
    if (error instanceof CodedError && error.code !== 'unavailable')
      await source.refused({ ...caller, actor, address: device.address, reason: error.message });
    throw error;
  }
}

async function identify(source: SignInSource, proof: Proof): Promise<Identity> {
  if ('code' in proof) return redeemLoginCode(source, proof.code);
  const text = ('token' in proof ? proof.token : proof.apiKey).trim();
  if (text.startsWith('tmk_') || 'apiKey' in proof) return ofApiKey(source, text);
  const { actor, issuedAt, expiresAt } = await source.verifyToken(text);
  return {
    actor: { ...actor, via: 'jwt' },
    name: actor.id,
    grantedAt: issuedAt === undefined ? undefined : new Date(issuedAt),
    expiresAt: new Date(expiresAt),
  };
}

async function ofApiKey({ database, clock, verifyApiKey }: SignInSource, key: string): Promise<Identity> {
  const actor = await verifyApiKey(key);
  const { rows } = await database.query<{ name: string; expires_at: Date | null }>(
    'select name, expires_at from analytics.api_keys where id = $1',
    [actor.id],
  );
  return {
    actor: { ...actor, via: 'api_key' },
    name: rows[0]?.name ?? actor.id,
    grantedAt: new Date(clock.now()),
    expiresAt: rows[0]?.expires_at ?? undefined,
  };
}
