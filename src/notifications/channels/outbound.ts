import type { LookupFunction } from 'node:net';
import { Agent, fetch, type RequestInit, type Response } from 'undici';
import { environmentProxy } from '../../environment-proxy.ts';
import { CodedError } from '../../errors.ts';
import type { Log } from '../../telemetry/log.ts';
import { DeliveryError } from './channel.ts';
import { Lookups } from './lookups.ts';
import { allowedBy, hostOf, isAddress } from './public-address.ts';

/** Connections to one origin. More than the deliverer has places, so that requests that hang keep none from others. */
const CONNECTIONS = 128;
/** The part of an answer that is read; error messages need no more. */
const MOST_OF_ANSWER = 2_000;
/** Whoever owns a lookup for a connection that is opened again. */
const NO_OWNER = '';

/**
 * The host may not be reached. A private address and a name that does not exist have the same words, and both are tried
 * again. Otherwise a caller could find out which names our own network has. The log has the reason.
 */
class UnreachableHostError extends Error {
  readonly code = 'ENOTFOUND';
  constructor(cause?: unknown) {
    super('the host of the URL has no public address; the log of the service has the details', { cause });
  }
}

/** The answer of a server: its status, headers, and the beginning of its body. */
export interface OutboundAnswer {
  status: number;
  header(name: string): string | undefined;
  body: string;
}

/** A request to a URL that others have entered, unless it is `trusted`. */
interface OutboundRequest extends Omit<RequestInit, 'signal'> {
  /** The org whose share of lookups it takes. */
  owner?: string;
  /** The URL comes from the operator, and may be in a private network. */
  trusted?: boolean;
  signal?: AbortSignal;
}

export interface Outbound {
  /**
   * Sends a request and reads the answer, whatever its status; redirects are not followed.
   * @throws {DeliveryError} when no answer came
   */
  request(url: string, init: OutboundRequest): Promise<OutboundAnswer>;
  close(): Promise<void>;
}

interface OutboundOptions {
  /** Private addresses or CIDR ranges that may be reached all the same. */
  allow: readonly string[];
  log: Pick<Log, 'warn'>;
  lookups?: Lookups;
}

/**
 * Makes HTTP requests to addresses that others have entered. Each address is looked at when it is dialled, so
 * that neither a name that resolves otherwise later nor one of several addresses slips through. So such a request never
 * goes through the proxy of the environment, which would look the name up again. A trusted one does.
 */
export function createOutbound({ allow, log, lookups = new Lookups() }: OutboundOptions): Outbound {
  const findReachable = createFindReachable(allow, log, lookups);
  const guarded = new Agent({ connect: { lookup: guardedLookup(findReachable) }, connections: CONNECTIONS });
  const open = environmentProxy(CONNECTIONS);
  return {
    async request(url, { trusted = false, owner = NO_OWNER, ...init }) {
      try {
        if (!trusted) await findReachable(hostOf(url), owner, init.signal);
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

/** All addresses of a host. @throws {UnreachableHostError} if there is none, or one that may not be reached */
type FindReachable = (host: string, owner: string, signal?: AbortSignal) => ReturnType<Lookups['resolve']>;

function createFindReachable(
  allow: readonly string[],
  log: OutboundOptions['log'],
  lookups: Lookups,
): FindReachable {
  const isAllowed = allowedBy(allow);
  return async (host, owner, signal) => {
    // An address in the URL itself is dialled without a lookup.
    const addresses = isAddress(host)
      ? [{ address: host, family: host.includes(':') ? 6 : 4 }]
      : await lookups.resolve(host, owner, signal).catch((error: NodeJS.ErrnoException) => {
          if (error.syscall !== 'getaddrinfo') throw error;
          log.warn({ host, org: owner, reason: error.code }, 'the host of a webhook cannot be found');
          throw new UnreachableHostError(error);
        });
    const refused = addresses.find(({ address }) => !isAllowed(address));
    if (refused === undefined) return addresses;
    const { address } = refused;
    log.warn(
      { host, org: owner, address },
      'a webhook leads to an address that OUTBOUND_ALLOW does not allow',
    );
    throw new UnreachableHostError();
  };
}

function guardedLookup(findReachable: FindReachable): LookupFunction {
  return (hostname, options, callback) => {
    findReachable(hostname, NO_OWNER).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all || !first) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, '', 0),
    );
  };
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

/**
 * Errors of the connection, in words that name no address. With those before there was a connection, nothing was sent.
 */
const CONNECTION_ERRORS: Readonly<Record<string, { words: string; unsent: boolean }>> = {
  ECONNREFUSED: { words: 'the connection was refused', unsent: true },
  EHOSTUNREACH: { words: 'the host cannot be reached', unsent: true },
  ENETUNREACH: { words: 'the network of the host cannot be reached', unsent: true },
  ETIMEDOUT: { words: 'no connection in time', unsent: false },
  UND_ERR_CONNECT_TIMEOUT: { words: 'no connection in time', unsent: true },
  ECONNRESET: { words: 'the connection broke', unsent: false },
  UND_ERR_SOCKET: { words: 'the connection broke', unsent: false },
};

function failureOf(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const cause = ((error as Error).cause ?? error) as Error & { code?: string };
  const unsent = error instanceof UnreachableHostError || error instanceof CodedError ? error : undefined;
  if (unsent) return new DeliveryError(unsent.message, { retryable: true, cause: error });
  if (['TimeoutError', 'AbortError'].includes(cause.name)) {
    return new DeliveryError('no answer in time', { retryable: true, ambiguous: true, cause: error });
  }
  const known = CONNECTION_ERRORS[cause.code ?? ''];
  return new DeliveryError(known?.words ?? (cause.message || String(cause.code ?? cause.name)), {
    retryable: true,
    ambiguous: !(known?.unsent || cause instanceof UnreachableHostError),
    cause: error,
  });
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
    tooMany: status === 429 || (status === 503 && retryAfterSeconds !== undefined),
    ambiguous: status >= 500,
  });
}

function retryAfterOf(answer: OutboundAnswer): number | undefined {
  const text = answer.header('retry-after');
  if (text === undefined) return undefined;
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return Number(text);
  // The moment is on the clock of the server, whose time is in the `date` header.
  const seconds = (Date.parse(text) - Date.parse(answer.header('date') ?? '')) / 1_000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, Math.ceil(seconds));
}
