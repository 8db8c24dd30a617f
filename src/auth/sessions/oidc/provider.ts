import * as openid from 'openid-client';
import { isLoopback } from '../../../loopback.ts';
import { HOUR, SECOND } from '../../../time.ts';
import { type Claims, claimAt } from './claims.ts';
import type { PendingLogin } from './login-state.ts';
import { OidcRefusal } from './refusal.ts';
import type { OidcSettings } from './settings.ts';

/** A request to the provider may take so long. */
const TIMEOUT = 10 * SECOND;
/** What the provider says of itself is read again after this time. */
const DISCOVERY_KEPT = HOUR;

/** What a person is, as the provider says. */
export interface ProvedClaims {
  claims: Claims & { iss: string; sub: string };
  idToken: string;
}

/**
 * The provider of OpenID Connect. Nothing is asked of it before the first sign-in, so a provider that is down stops
 * neither the start nor the other ways to sign in.
 */
export class OidcProvider {
  readonly #settings: OidcSettings;
  #known: { configuration: openid.Configuration; at: number } | undefined;
  /** Sign-ins at the same moment ask once. */
  #pending: Promise<openid.Configuration> | undefined;

  constructor(settings: OidcSettings) {
    this.#settings = settings;
  }

  get #callback(): string {
    return `${this.#settings.publicUrl}/auth/callback`;
  }

  /** The page of the provider that a browser goes to. @throws {OidcRefusal} */
  async authorizationUrl({ state, nonce, verifier }: PendingLogin): Promise<URL> {
    return openid.buildAuthorizationUrl(await this.#configuration(), {
      redirect_uri: this.#callback,
      scope: this.#settings.scopes,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
  }

  /**
   * The claims of the person whom the provider sends back.
   * @param query of the callback
   * @throws {OidcRefusal}
   */
  async redeem(query: URLSearchParams, { state, nonce, verifier }: PendingLogin): Promise<ProvedClaims> {
    const configuration = await this.#configuration();
    // The address comes from PUBLIC_URL: that of the request is what a proxy or a caller makes of it.
    const current = new URL(`${this.#callback}?${query}`);
    try {
      const tokens = await openid.authorizationCodeGrant(configuration, current, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const ofToken = tokens.claims();
      if (ofToken === undefined || tokens.id_token === undefined)
        throw new OidcRefusal('provider_error', 'the provider sent no ID token');
      const claims = await this.#completed(configuration, ofToken, tokens.access_token);
      return { claims, idToken: tokens.id_token };
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** The page of the provider that signs a browser out; `undefined` if it has none, or cannot be reached. */
  async endSessionUrl(idToken: string | undefined): Promise<URL | undefined> {
    try {
      const configuration = await this.#configuration();
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
      return openid.buildEndSessionUrl(configuration, {
        post_logout_redirect_uri: `${this.#settings.publicUrl}/console/login`,
        ...(idToken !== undefined && { id_token_hint: idToken }),
      });
    } catch (error) {
      if (error instanceof OidcRefusal) return undefined;
      throw error;
    }
  }

  /** Some providers give names, roles and orgs at their userinfo endpoint only. */
  async #completed(
    configuration: openid.Configuration,
    claims: ProvedClaims['claims'],
    accessToken: string,
  ): Promise<ProvedClaims['claims']> {
    const { rolesClaim, orgsClaim } = this.#settings;
    const isComplete = ['name', rolesClaim, orgsClaim].every((name) => claimAt(claims, name) !== undefined);
    if (isComplete || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
    const more = await openid.fetchUserInfo(configuration, accessToken, claims.sub);
    return { ...more, ...claims };
  }

  /** A failure is not kept, so the next sign-in tries again. */
  async #configuration(): Promise<openid.Configuration> {
    const known = this.#known;
    if (known !== undefined && performance.now() - known.at < DISCOVERY_KEPT) return known.configuration;
    this.#pending ??= discover(this.#settings).finally(() => {
      this.#pending = undefined;
    });
    try {
      const configuration = await this.#pending;
      this.#known = { configuration, at: performance.now() };
      return configuration;
    } catch (error) {
      // The provider is down, but what it said before still holds.
      if (known !== undefined) return known.configuration;
      throw refusalOf(error);
    }
  }
}

function discover({ issuer, clientId, clientSecret }: OidcSettings): Promise<openid.Configuration> {
  const isPlain = new URL(issuer).protocol === 'http:' && isLoopback(new URL(issuer).hostname);
  return openid.discovery(new URL(issuer), clientId, {}, authenticationOf(clientSecret), {
    timeout: TIMEOUT / SECOND,
    ...(isPlain && { execute: [openid.allowInsecureRequests] }),
  });
}

/** Basic is the default of OpenID Connect. A few providers know only the other way. */
function authenticationOf(secret: string | undefined): openid.ClientAuth {
  if (secret === undefined) return openid.None();
  const [basic, post] = [openid.ClientSecretBasic(secret), openid.ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const known = server.token_endpoint_auth_methods_supported;
    const isPostOnly = known?.includes('client_secret_post') && !known.includes('client_secret_basic');
    return (isPostOnly ? post : basic)(server, client, body, headers);
  };
}

/** The reason for an error of the library. Errors of ours pass. */
function refusalOf(error: unknown): unknown {
  if (error instanceof OidcRefusal) return error;
  if (error instanceof openid.ResponseBodyError) {
    // The code was used before, is too old, or belongs to another sign-in.
    const reason = error.error === 'invalid_grant' ? 'expired' : 'provider_error';
    return new OidcRefusal(reason, `the provider answered ${error.error}: ${error.error_description}`, error);
  }
  if (error instanceof Error)
    return isUnreachable(error)
      ? new OidcRefusal('provider_unavailable', 'the provider does not answer', error)
      : new OidcRefusal('provider_error', error.message, error);
  return error;
}

/** Whether the provider could not be reached, or says that it failed. */
function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return error instanceof Response && error.status >= 500;
  const { code } = error as openid.ClientError;
  if (code === 'OAUTH_TIMEOUT' || (error instanceof TypeError && error.message === 'fetch failed'))
    return true;
  return isUnreachable(error.cause);
}
