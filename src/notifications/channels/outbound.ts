import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, fetch, type RequestInit, type Response } from 'undici';
import { DeliveryError } from './channel.ts';

/** Connections to one origin. More than the deliverer has places, so that requests that hang keep none from others. */
const CONNECTIONS = 128;
/** The part of an answer that is read; error messages need no more. */
const MOST_OF_ANSWER = 2_000;

/** The address is private, and a URL from a caller must not reach our own network. */
class PrivateAddressError extends Error {
  readonly code = 'PRIVATE_ADDRESS';
  constructor(address: string) {
    super(`${address} is not a public address; the operator can allow it in OUTBOUND_ALLOW`);
  }
}

/** The answer of a server: its status, headers, and the beginning of its body. */
export interface OutboundAnswer {
  status: number;
  header(name: string): string | undefined;
  body: string;
}

export interface Outbound {
  /**
   * Sends a request and reads the answer, whatever its status; redirects are not followed.
   * @param init.trusted the URL comes from the operator, and may be in a private network
   * @throws {DeliveryError} when no answer came
   */
  request(url: string, init: RequestInit & { trusted?: boolean }): Promise<OutboundAnswer>;
  close(): Promise<void>;
}

/**
 * Makes HTTP requests to addresses that others have entered. Each address is looked at when it is dialled, so
 * that neither a name that resolves otherwise later nor one of several addresses slips through.
 * @param allow private addresses or CIDR ranges that may be reached all the same
 */
export function createOutbound(allow: readonly string[]): Outbound {
  const isAllowed = allowedBy(allow);
  const guarded = new Agent({ connect: { lookup: guardedLookup(isAllowed) }, connections: CONNECTIONS });
  const open = new Agent({ connections: CONNECTIONS });
  return {
    async request(url, { trusted = false, ...init }) {
      try {
        if (!trusted) refuseLiteral(url, isAllowed);
        const dispatcher = trusted ? open : guarded;
        return await readAnswer(await fetch(url, { redirect: 'manual', ...init, dispatcher }));
      } catch (error) {
        throw failureOf(error);
      }
    },
    async close() {
      await Promise.all([guarded.destroy(), open.destroy()]);
    },
  };
}

/** Whether an address is public, or in one of the ranges given. */
function allowedBy(allow: readonly string[]): (address: string) => boolean {
  const ranges = allow.map((range) =>
    range.includes('/')
      ? ipaddr.parseCIDR(range)
      : ([ipaddr.process(range), range.includes(':') ? 128 : 32] as [ipaddr.IPv4 | ipaddr.IPv6, number]),
  );
  return (address) => {
    // An IPv4 address written as an IPv6 one is judged as IPv4.
    const parsed = ipaddr.process(address);
    if (parsed.range() === 'unicast') return true;
    return ranges.some(([range, bits]) => range.kind() === parsed.kind() && parsed.match(range, bits));
  };
}

function guardedLookup(isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const refused = addresses.find(({ address }) => !isAllowed(address));
      if (refused) return callback(new PrivateAddressError(refused.address), '', 0);
      const [first] = addresses;
      if (options.all || !first) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** An address in the URL itself is dialled without a lookup, so it is checked here. */
function refuseLiteral(url: string, isAllowed: (address: string) => boolean): void {
  const host = hostOf(url);
  if (ipaddr.isValid(host) && !isAllowed(host)) throw new PrivateAddressError(host);
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

/**
 * The private address that a URL contains, so that the caller who enters it gets an error. A host name is checked only
 * when it is dialled.
 * @returns `undefined` if the URL contains no address, a public one, or an allowed one
 */
export function privateAddressIn(url: string, allow: readonly string[]): string | undefined {
  const host = hostOf(url);
  const address = /^(.+\.)?localhost\.?$/.test(host) ? '127.0.0.1' : host;
  return ipaddr.isValid(address) && !allowedBy(allow)(address) ? host : undefined;
}

async function readAnswer(response: Response): Promise<OutboundAnswer> {
  let body = '';
  if (response.body) {
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      body += decoder.decode(chunk as Uint8Array, { stream: true });
      if (body.length >= MOST_OF_ANSWER) break;
    }
  }
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    body: body.slice(0, MOST_OF_ANSWER),
  };
}

/** Errors before there was a connection: nothing was sent. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function failureOf(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const cause = ((error as Error).cause ?? error) as Error & { code?: string };
  if (cause instanceof PrivateAddressError) {
    return new DeliveryError(cause.message, { retryable: false, cause: error });
  }
  const timedOut = ['TimeoutError', 'AbortError'].includes(cause.name);
  return new DeliveryError(
    timedOut ? 'no answer in time' : cause.message || String(cause.code ?? cause.name),
    {
      retryable: true,
      ambiguous: !UNSENT.has(cause.code ?? ''),
      cause: error,
    },
  );
}

/**
 * The error that an answer means for the delivery; `undefined`: it succeeded. Timeouts (408), too many requests (429)
 * and server errors are retried. Another attempt would not help against any other status.
 */
export function failureOfAnswer(who: string, answer: OutboundAnswer): DeliveryError | undefined {
  const { status, body } = answer;
  if (status >= 200 && status < 300) return undefined;
  const retryable = status === 408 || status === 429 || status >= 500;
  const retryAfterSeconds = retryAfterOf(answer);
  const words = body.trim().replaceAll(/\s+/g, ' ').slice(0, 200);
  return new DeliveryError(`${who} answered ${status}${words === '' ? '' : `: ${words}`}`, {
    retryable,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ambiguous: status >= 500,
  });
}

function retryAfterOf(answer: OutboundAnswer): number | undefined {
  const text = answer.header('retry-after');
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  // The moment is on the clock of the server, whose time is in the `date` header.
  const seconds = (Date.parse(text) - Date.parse(answer.header('date') ?? '')) / 1_000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, Math.ceil(seconds));
}
