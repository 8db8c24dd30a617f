import type { StoredEvent } from './event-types.ts';

/** Why events were not stored: no room in the queue; refused by the service; the client or the process ended first. */
export type DropReason = 'queue_full' | 'too_large' | 'not_json' | 'refused' | 'closed' | 'exit';

/** Why the service refused one event. */
export interface Rejection {
  /** A code of the service's table of errors. */
  code: string;
  detail: string;
}

export interface TidemarkOptions {
  /** The address of the service, such as `https://tidemark.example.com`. */
  url: string;
  /** An API key with the role `ingest`. */
  apiKey: string;
  /** The org of events that name none. */
  org: string;
  /** The name of this application: the `clientId` of usage and API requests, and the `service` of errors, that name none. */
  source?: string;
  /** Send as soon as this many events wait. Default 500; the service takes at most 10,000 a request. */
  flushAt?: number;
  /** Send at the latest this long after an event was tracked; milliseconds. Default 1,000. */
  flushInterval?: number;
  /** Bound of the memory that events take, those on their way included; bytes. Default 16 MiB. */
  maxQueueBytes?: number;
  /** Bound of one request before compression; bytes. Default 1 MiB. */
  maxBatchBytes?: number;
  /** Requests at once. Default 2. */
  maxInFlight?: number;
  /** Give up an attempt after this long, and try again; milliseconds. Default 10,000. */
  requestTimeout?: number;
  /** How long `flush()`, `close()` and the end of the process wait for events to be stored; milliseconds. Default 5,000. */
  shutdownTimeout?: number;
  /** Close the client on SIGTERM and SIGINT, then end the process by the same signal. Default false. */
  handleSignals?: boolean;
  /** Print each batch. Default false. */
  debug?: boolean;
  /** Track nothing. Default: whether the environment has `TIDEMARK_DISABLED=1`. */
  disabled?: boolean;
  /** Keeps a serverless function alive until what it tracked is sent: `ctx.waitUntil` of Workers, `waitUntil` of Vercel. */
  waitUntil?: (sent: Promise<unknown>) => void;
  /** Called at most once a second, with all that was dropped since. Default: a warning on the console. */
  onDrop?: (count: number, reason: DropReason) => void;
  /** Called when an attempt fails. Default: nothing while it is tried again, else an error on the console. */
  onError?: (error: Error) => void;
  /** Called for each event that the service refused. Default: a warning on the console. */
  onRejected?: (event: StoredEvent, rejection: Rejection) => void;
  /** Default: the runtime's own `fetch`. */
  fetch?: typeof fetch;
}

const defaults = {
  flushAt: 500,
  flushInterval: 1_000,
  maxQueueBytes: 16 * 2 ** 20,
  maxBatchBytes: 2 ** 20,
  maxInFlight: 2,
  requestTimeout: 10_000,
  shutdownTimeout: 5_000,
};

export type ResolvedOptions = TidemarkOptions & typeof defaults & { endpoint: string; disabled: boolean };

interface Environment {
  process?: { env?: { TIDEMARK_DISABLED?: string } };
}

/** @throws TypeError that names the option and what it has to be */
export function resolveOptions(options: TidemarkOptions): ResolvedOptions {
  const disabled = options.disabled ?? (globalThis as Environment).process?.env?.TIDEMARK_DISABLED === '1';
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const resolved = { ...defaults, ...(Object.fromEntries(given) as unknown as TidemarkOptions) };
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
    const value = resolved[name];
    if (!Number.isFinite(value) || value < 1) throw new TypeError(`${name}: ${value} is no positive number`);
  }
  if (!disabled) {
    for (const name of ['apiKey', 'org'] as const) {
      if (typeof options[name] !== 'string' || options[name] === '')
        throw new TypeError(`${name} is missing`);
    }
  }
  return { ...resolved, disabled, endpoint: disabled ? '' : endpointOf(options.url) };
}

function endpointOf(url: string): string {
  if (!/^https?:\/\/[^/]/.test(String(url)))
    throw new TypeError(`url: ${url} is no address; it has to look like https://tidemark.example.com`);
  return `${url.replace(/\/+$/, '')}/analytics/v1/events`;
}
