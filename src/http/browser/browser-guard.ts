import type { FastifyRequest } from 'fastify';
import { isLocalMode } from '../../auth/local-mode.ts';
import type { Config } from '../../config.ts';
import { CodedError } from '../../errors.ts';
import { hostOf, isLoopback } from '../../loopback.ts';

/** Where browsers reach the service. */
export interface Site {
  publicUrl: string | undefined;
  /** Whether the service is for this machine alone. */
  isLocal: boolean;
}

export function siteOf(config: Pick<Config, 'publicUrl' | 'jwtSecret' | 'jwksUrl' | 'httpHost'>): Site {
  return { publicUrl: config.publicUrl, isLocal: isLocalMode(config) };
}

const SAFE = ['GET', 'HEAD', 'OPTIONS'];
/** A form of another site can send these types without asking. */
const TYPES_OF_FORMS = /^\s*(text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i;

/** Refuses what another site could make a browser send with the cookie of a session. @throws {CodedError} `forbidden` */
export function guardCookie(request: FastifyRequest, site: Site): void {
  guardHost(request, site);
  if (SAFE.includes(request.method)) return;
  if (!isSameOrigin(request, site)) throw notFromConsole();
  const type = request.headers['content-type'];
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  const hasBody = length !== '0' || encoding !== undefined;
  if (type === undefined ? hasBody : TYPES_OF_FORMS.test(type)) {
    throw new CodedError(
      'forbidden',
      'With the cookie of a session, a body must be sent as application/json.',
      {
        faults: [{ path: 'content-type', message: 'must be application/json' }],
      },
    );
  }
}

/** Refuses a request to sign in or out that another site makes. A program, which sends no such header, may. */
export function guardSignIn(request: FastifyRequest, site: Site): void {
  guardHost(request, site);
  const { 'sec-fetch-site': fetchSite, origin } = request.headers;
  if ((fetchSite !== undefined || origin !== undefined) && !isSameOrigin(request, site))
    throw notFromConsole();
}

/**
 * Refuses names of others in local mode: a site whose name points to this machine would otherwise be of the same origin
 * as the service (DNS rebinding).
 */
export function guardHost({ headers }: FastifyRequest, { isLocal, publicUrl }: Site): void {
  if (!isLocal) return;
  const host = hostOf(headers.host);
  if (host !== undefined && isLoopback(host)) return;
  if (publicUrl !== undefined && headers.host === new URL(publicUrl).host) return;
  throw new CodedError(
    'forbidden',
    'The service is for this machine alone. Open it as http://127.0.0.1 or http://localhost, or set PUBLIC_URL to the address of its proxy.',
    { faults: [{ path: 'host', message: 'must be a name of this machine, or that of PUBLIC_URL' }] },
  );
}

function isSameOrigin({ headers }: FastifyRequest, { publicUrl }: Site): boolean {
  const fetchSite = headers['sec-fetch-site'];
  if (fetchSite !== undefined) return fetchSite === 'same-origin';
  const { origin, host } = headers;
  if (origin === undefined || !URL.canParse(origin)) return false;
  if (publicUrl !== undefined && origin === new URL(publicUrl).origin) return true;
  const isOwnHost = new URL(origin).host === host;
  return isOwnHost && (publicUrl === undefined || isLoopback(new URL(origin).hostname));
}

function notFromConsole(): CodedError {
  return new CodedError(
    'forbidden',
    'With the cookie of a session, changes must come from the console itself. Programs use a token or an API key.',
    { faults: [{ path: 'origin', message: 'must be the origin of this service' }] },
  );
}
