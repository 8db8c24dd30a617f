import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { LRUCache } from 'lru-cache';
import { Turns } from '../../shares/turns.ts';
import { SECOND } from '../../time.ts';

/** Node has four threads for lookups and files, so some stay free while the name servers of others do not answer. */
const AT_A_TIME = 3;
const MOST_WAITING = 256;
const PATIENCE = 8 * SECOND;
/** Names that were found lately are not looked up again. Each address is checked whenever it is dialled. */
const KEPT = 5 * SECOND;
const MOST_NAMES = 1_000;

/** Finds all addresses of a name. @throws the error of the system */
type FindAddresses = (host: string) => Promise<LookupAddress[]>;

/**
 * Looks up the hosts of webhooks. An org has one lookup at a time, and its others wait: a name server that does not answer
 * holds up its own org alone.
 */
export class Lookups {
  readonly #find: FindAddresses;
  readonly #found = new LRUCache<string, LookupAddress[]>({ max: MOST_NAMES, ttl: KEPT });
  readonly #turns = new Turns({
    places: AT_A_TIME,
    placesOfOne: 1,
    waitingOfOne: MOST_WAITING,
    patience: PATIENCE,
    refusal: 'Too many host names of the org wait to be looked up.',
  });

  /** @param find the lookup of the system, unless a test has another */
  constructor(find: FindAddresses = (host) => lookup(host, { all: true })) {
    this.#find = find;
  }

  /**
   * All addresses of a host name.
   * @param owner the org whose turn it takes
   * @param signal ends the wait
   * @throws {CodedError} `rate_limited` or `overloaded` without a turn; the error of the system
   */
  async resolve(host: string, owner: string, signal: AbortSignal | undefined): Promise<LookupAddress[]> {
    const known = this.#found.get(host);
    if (known !== undefined) return known;
    const end = await this.#turns.take(owner, signal);
    const finding = this.#find(host).finally(end);
    // The turn lasts as long as the lookup, which nothing can end. The wait for it need not.
    const addresses = await unlessAborted(finding, signal);
    this.#found.set(host, addresses);
    return addresses;
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
  });
}
