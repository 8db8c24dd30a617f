import type { FastifyRequest } from 'fastify';
import { hostOf, isLoopback } from '../../loopback.ts';
import { SECOND } from '../../time.ts';

/** Browsers accept this name only with Secure, for the whole host, and from the host itself. */
const SECURE = '__Host-tidemark';
/** Over plain HTTP on this machine, where Secure is not possible. */
const LOOPBACK = 'tidemark';

/** The kind of cookie that a browser keeps at an address. */
export type CookieKind = 'secure' | 'loopback';

/** The kind of cookie for an address; `undefined` for plain HTTP over a network, where a cookie could be read. */
export function cookieKindAt(address: string): CookieKind | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, hostname } = new URL(address);
  if (protocol === 'https:') return 'secure';
  return protocol === 'http:' && isLoopback(hostname) ? 'loopback' : undefined;
}

/** The token in the cookie of a request. The cookie of plain HTTP counts only on this machine. */
export function readSessionCookie({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const secure = readCookie(headers.cookie, SECURE);
  if (secure !== undefined) return secure;
  return isLoopback(hostOf(headers.host) ?? '') ? readCookie(headers.cookie, LOOPBACK) : undefined;
}

/** The value of a cookie in a `Cookie` header. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** A `Set-Cookie` header for a session. */
export function sessionCookie(
  kind: CookieKind,
  token: string,
  { now, expiresAt }: { now: number; expiresAt: Date },
) {
  const seconds = Math.max(0, Math.floor((expiresAt.getTime() - now) / SECOND));
  return setCookie(kind, kind === 'secure' ? SECURE : LOOPBACK, token, seconds);
}

/** `Set-Cookie` headers that remove the cookie of a session. */
export function clearedSessionCookies(): string[] {
  return [setCookie('secure', SECURE, '', 0), setCookie('loopback', LOOPBACK, '', 0)];
}

/**
 * A `Set-Cookie` header. Lax, because Strict would keep the cookie back when a provider or a link in a notice leads here.
 * @param seconds that it lives
 */
export function setCookie(kind: CookieKind, name: string, value: string, seconds: number): string {
  const secure = kind === 'secure' ? '; Secure' : '';
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}
