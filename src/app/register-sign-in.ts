import type { Pool } from 'pg';
import type { RecordAudit } from '../auth/audit.ts';
import { STATE_PURPOSE } from '../auth/sessions/oidc/login-state.ts';
import type { OidcSource } from '../auth/sessions/oidc/oidc-sign-in.ts';
import { OidcProvider } from '../auth/sessions/oidc/provider.ts';
import { oidcSettingsOf } from '../auth/sessions/oidc/settings.ts';
import { createRefusals } from '../auth/sessions/refusals.ts';
import type { SignInSource } from '../auth/sessions/sign-in.ts';
import { registerMySessionsRoutes } from '../http/auth/my-sessions-routes.ts';
import { registerOidcRoutes } from '../http/auth/oidc-routes.ts';
import { registerSessionRoutes } from '../http/auth/session-routes.ts';
import { siteOf } from '../http/browser/browser-guard.ts';
import type { Server } from '../http/shell/typed-server.ts';
import { signingKey } from '../notifications/signing-key.ts';
import type { AppContext } from './app-context.ts';

interface RegisterSignInOptions extends Pick<AppContext, 'config' | 'clock'> {
  database: Pool;
  audit: RecordAudit;
  signIn: Pick<SignInSource, 'sessions' | 'verifyToken' | 'verifyApiKey'>;
}

/** The ways to sign in to the console. @throws {ConfigError} when the settings of OpenID Connect are not valid */
export function registerSignIn(routes: Server, options: RegisterSignInOptions): void {
  const { config, clock, database, audit, signIn } = options;
  const refused = createRefusals(audit, clock);
  const source = { ...signIn, database, clock, refused, site: siteOf(config) };
  const settings = oidcSettingsOf(config);
  const oidc: OidcSource | undefined = settings && {
    ...{ settings, provider: new OidcProvider(settings), sessions: signIn.sessions, refused, clock },
    key: () => signingKey(database, STATE_PURPOSE),
  };
  registerSessionRoutes(routes, { ...source, oidcLabel: settings?.label });
  registerOidcRoutes(routes, { ...source, oidc });
  registerMySessionsRoutes(routes, source);
}
