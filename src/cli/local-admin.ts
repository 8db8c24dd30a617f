import { isIP } from 'node:net';
import type { App } from '../app/app.ts';
import { signToken } from '../auth/jwt.ts';
import type { Config } from '../config.ts';
import { DAY } from '../time.ts';

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * A token of an admin who belongs to `orgs`, where it may be shown: with a secret of our own, and listening
 * where nobody else can reach the service.
 */
export async function localAdminToken(
  config: Config,
  { tokens }: App,
  orgs: readonly string[] = [],
): Promise<string | undefined> {
  const secretIsOurs = config.jwtSecret === undefined && config.jwksUrl === undefined;
  if (!secretIsOurs || !isLoopback(config.httpHost) || !('secret' in tokens.keys)) return undefined;
  const claims = { subject: 'local-admin', roles: ['admin'] as const, orgs, lifetime: 30 * DAY };
  return signToken(tokens.keys.secret, claims, tokens);
}
