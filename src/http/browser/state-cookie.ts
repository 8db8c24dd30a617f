import { STATE_LIFETIME } from '../../auth/sessions/oidc/login-state.ts';
import { SECOND } from '../../time.ts';
import { type CookieKind, readCookie, setCookie } from './session-cookie.ts';

/** Sign-ins of a browser that are under way, one for each tab. Beyond it, the cookies of all others are removed. */
const MOST_PENDING = 8;
const NAME = /^(?:__Host-)?tidemark-login-[\w-]+$/;

/** A cookie of its own for each `state`, so that tabs do not overwrite each other's. */
function nameOf(kind: CookieKind, state: string): string {
  return `${kind === 'secure' ? '__Host-' : ''}tidemark-login-${state.slice(0, 12)}`;
}

/** `Set-Cookie` headers for a sign-in that begins. */
export function stateCookies(
  kind: CookieKind,
  header: string | undefined,
  { state, sealed }: { state: string; sealed: string },
): string[] {
  const pending = pendingNames(header);
  const removed = pending.length >= MOST_PENDING ? pending : [];
  return [
    ...removed.map((name) => setCookie(kind, name, '', 0)),
    setCookie(kind, nameOf(kind, state), sealed, STATE_LIFETIME / SECOND),
  ];
}

/** What `stateCookies` kept for a state. */
export function readStateCookie(
  kind: CookieKind,
  header: string | undefined,
  state: string,
): string | undefined {
  return readCookie(header, nameOf(kind, state));
}

/** `Set-Cookie` headers that remove the cookie of a state, if the browser has it. */
export function clearedStateCookies(kind: CookieKind, header: string | undefined, state: string): string[] {
  const name = nameOf(kind, state);
  return pendingNames(header).includes(name) ? [setCookie(kind, name, '', 0)] : [];
}

function pendingNames(header = ''): string[] {
  return header
    .split(';')
    .map((pair) => pair.split('=', 1)[0]?.trim() ?? '')
    .filter((name) => NAME.test(name));
}
