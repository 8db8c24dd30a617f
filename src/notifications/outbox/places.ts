import { ALL_ORGS } from '../../events/all-orgs.ts';
import { Breakers, type Hold } from '../../shares/breakers.ts';
import { SharedCapacity } from '../../shares/capacity.ts';

/** A recipient of an org. Two orgs may have destinations of the same name. */
export interface Destination {
  /** `null`: of a rule over all orgs. */
  orgId: string | null;
  recipient: string;
}

interface PlacesOptions {
  /** Messages of all orgs on their way at the same time. One org gets at most as many as it leaves free. */
  places: number;
  /** Messages to one recipient on their way at the same time. */
  ofRecipient: number;
  /** A random number in `[0, 1)`, for the jitter. */
  chance?: (() => number) | undefined;
}

/** The messages that a new lease must leave alone. */
export interface Excluded {
  /** Orgs that have their share. */
  orgs: string[];
  /** Recipients that have as many messages on their way as they may, or are held back. */
  destinations: Destination[];
}

/**
 * The places of a channel: how many messages of it may be on their way at the same time. A recipient that hangs takes
 * few of them, and an org with many such recipients takes its share.
 */
export class Places {
  readonly #options: PlacesOptions;
  readonly #capacity: SharedCapacity;
  readonly #breakers: Breakers;
  /** By destination. */
  readonly #onTheirWay = new Map<string, number>();

  constructor(options: PlacesOptions) {
    this.#options = options;
    this.#capacity = new SharedCapacity(options.places);
    this.#breakers = new Breakers(options.chance);
  }

  get free(): number {
    return this.#capacity.free;
  }

  get ofRecipient(): number {
    return this.#options.ofRecipient;
  }

  excluded(now: number): Excluded {
    const full = [...this.#onTheirWay.keys()].filter((key) => !this.#hasRoom(key, now));
    const keys = new Set([...full, ...this.#breakers.held(now)]);
    const orgs = new Set([...this.#onTheirWay.keys()].map((key) => ownerOf(destinationOf(key))));
    return {
      orgs: [...orgs].filter((owner) => !this.#capacity.hasRoom(owner, 1)),
      destinations: [...keys].map(destinationOf),
    };
  }

  /**
   * Takes a place for a message.
   * @param most messages to the recipient on their way at the same time
   * @returns whether there was one
   */
  take(destination: Destination, now: number, most = this.ofRecipient): boolean {
    const key = keyOf(destination);
    if ((this.#onTheirWay.get(key) ?? 0) >= most) return false;
    if (!this.#hasRoom(key, now) || !this.#capacity.take(ownerOf(destination), 1)) return false;
    this.#onTheirWay.set(key, (this.#onTheirWay.get(key) ?? 0) + 1);
    return true;
  }

  giveBack(destination: Destination): void {
    const key = keyOf(destination);
    this.#capacity.release(ownerOf(destination), 1);
    const left = (this.#onTheirWay.get(key) ?? 1) - 1;
    if (left === 0) this.#onTheirWay.delete(key);
    else this.#onTheirWay.set(key, left);
  }

  /** Notes that an attempt failed which may succeed later. @returns the hold that begins with it, if one does */
  failed(destination: Destination, began: number, now: number): Hold | undefined {
    return this.#breakers.failed(keyOf(destination), began, now);
  }

  /** Notes that the recipient has answered, whatever its answer was. */
  answered(destination: Destination): void {
    this.#breakers.answered(keyOf(destination));
  }

  #hasRoom(key: string, now: number): boolean {
    return (this.#onTheirWay.get(key) ?? 0) < this.#breakers.attempts(key, now, this.ofRecipient);
  }
}

/** The name of the org, as the statements of a lease compare it. */
export function ownerOf({ orgId }: Destination): string {
  return orgId ?? ALL_ORGS;
}

function keyOf({ orgId, recipient }: Destination): string {
  return JSON.stringify([orgId, recipient]);
}

function destinationOf(key: string): Destination {
  const [orgId, recipient] = JSON.parse(key) as [string | null, string];
  return { orgId, recipient };
}
