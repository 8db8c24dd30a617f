import { randomPKCECodeVerifier } from 'openid-client';
import type { Clock } from '../../../time.ts';
import type { Actor } from '../../actor.ts';
import type { Caller } from '../../caller.ts';
import type { LoginSessions } from '../login-sessions.ts';
import type { RecordRefusal } from '../refusals.ts';
import type { LoginSession } from '../session-row.ts';
import { randomToken } from '../session-token.ts';
import type { Device } from '../start-session.ts';
import { whyUnusable } from '../usable.ts';
import { readIdentity } from './claims.ts';
import { openLogin, sealLogin } from './login-state.ts';
import type { OidcProvider } from './provider.ts';
import { OidcRefusal } from './refusal.ts';
import { returnPath } from './return-path.ts';
import type { OidcSettings } from './settings.ts';

export interface OidcSource {
  settings: OidcSettings;
  provider: OidcProvider;
  /** The key of the cookies of sign-ins that are under way. */
  key(): Promise<Uint8Array>;
  sessions: LoginSessions;
  refused: RecordRefusal;
  clock: Clock;
}

/**
 * Begins a sign-in at the provider.
 * @returns the page of the provider, and what the browser keeps in a cookie for this `state`
 * @throws {OidcRefusal}
 */
export async function beginSignIn(
  { settings, provider, key, clock }: OidcSource,
  returnTo: string | undefined,
): Promise<{ url: URL; state: string; sealed: string }> {
  const basePath = new URL(settings.publicUrl).pathname.replace(/\/+$/, '');
  const login = {
    ...{ state: randomToken(), nonce: randomToken(), verifier: randomPKCECodeVerifier() },
    returnTo: returnPath(returnTo, basePath),
  };
  const url = await provider.authorizationUrl(login);
  return { url, state: login.state, sealed: await sealLogin(login, await key(), clock) };
}

/** How the browser came back: the query of the callback, and the cookie for its `state`. */
export interface Callback {
  query: URLSearchParams;
  sealed: string | undefined;
}

/**
 * Completes a sign-in. The audit log gets an entry, also of a refusal.
 * @throws {OidcRefusal}
 */
export async function completeSignIn(
  source: OidcSource,
  callback: Callback,
  device: Device,
  caller: Omit<Caller, 'actor'>,
): Promise<{ token: string; session: LoginSession; returnTo: string }> {
  let actor: Actor | undefined;
  try {
    const login = await loginOf(source, callback);
    const { claims, idToken } = await source.provider.redeem(callback.query, login);
    const identity = readIdentity(claims, source.settings);
    actor = identity.actor;
    const unusable = whyUnusable(actor);
    if (unusable !== undefined) throw new OidcRefusal(unusable, wordsFor(unusable, source.settings));
    const proved = { ...identity, idToken, grantedAt: new Date(source.clock.now()) };
    return { ...(await source.sessions.start(proved, device, caller)), returnTo: login.returnTo };
  } catch (error) {
    if (error instanceof OidcRefusal)
      await source.refused({
        ...{ ...caller, actor, address: device.address },
        reason: `${error.reason}: ${error.message}`,
      });
    throw error;
  }
}

async function loginOf({ key, clock }: OidcSource, { query, sealed }: Callback) {
  const login = sealed === undefined ? undefined : await openLogin(sealed, await key(), clock);
  if (login === undefined || query.get('state') !== login.state)
    throw new OidcRefusal('expired', 'no sign-in of this browser is under way with this state');
  const error = query.get('error');
  if (error === null) return login;
  const words = `the provider answered ${error}: ${query.get('error_description')}`;
  if (['server_error', 'temporarily_unavailable'].includes(error))
    throw new OidcRefusal('provider_unavailable', words);
  const isPersons = /^(access_denied|(login|consent|interaction|account_selection)_required)$/.test(error);
  throw new OidcRefusal(isPersons ? 'denied' : 'provider_error', words);
}

function wordsFor(unusable: 'no_role' | 'no_org', { rolesClaim, orgsClaim }: OidcSettings): string {
  return unusable === 'no_role'
    ? `the claim ${rolesClaim} gives no role that may read, and OIDC_DEFAULT_ROLE gives none either`
    : `the claim ${orgsClaim} names no org, and the roles read their own orgs only`;
}
