import type { Fault } from '../errors.ts';

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAX_NAME_SHOWN = 60;
/** Faults named of one input: a body can hold millions of them, and neither memory nor the answer must. */
const MAX_FAULTS = 20;

/** The faults of one input, whatever lies inside of it: the first are named, the others counted. */
class Faults {
  readonly named: Fault[] = [];
  more = 0;
  /** Where reading was given up, if it was. */
  unreadFrom: string | undefined;
}

/** An object being read: what was sent, where it stands, and the faults found so far in all that is read. */
export class Reading {
  readonly input: JsonObject;
  readonly at: string;
  readonly #faults: Faults;

  /** @param around the reading of the object that it lies in */
  constructor(input: JsonObject, at: string, around?: Reading) {
    this.input = input;
    this.at = at;
    this.#faults = around ? around.#faults : new Faults();
  }

  get isRight(): boolean {
    return this.#faults.named.length === 0;
  }

  /** As many faults are named as ever will be: what is read from here on can add nothing but their number. */
  get isFull(): boolean {
    return this.#faults.named.length >= MAX_FAULTS;
  }

  /** What is wrong: the first faults by name, and how many more there are. */
  get faults(): Fault[] {
    const { named, more, unreadFrom } = this.#faults;
    const rest = [
      ...(more > 0 ? [`has ${more} more ${more === 1 ? 'fault' : 'faults'}`] : []),
      ...(unreadFrom === undefined ? [] : [`is not read from ${unreadFrom} on`]),
    ];
    return rest.length === 0 ? named : [...named, { path: this.at, message: rest.join(', and ') }];
  }

  /** Notes what is wrong with a field. */
  refuse(name: string, message: string): void {
    if (this.isFull) {
      this.#faults.more++;
      return;
    }
    const shown = name.length > MAX_NAME_SHOWN ? `${name.slice(0, MAX_NAME_SHOWN)}…` : name;
    this.#faults.named.push({ path: `${this.at}.${shown}`, message });
  }

  /** Notes every field that is not among the known ones: most often a misspelt one. */
  refuseUnknown(known: ReadonlySet<string>): void {
    for (const name of Object.keys(this.input)) {
      if (!known.has(name)) this.refuse(name, 'is not a field of this type; metadata takes free fields');
    }
  }

  /** Notes that a field, and what follows it, is not read. */
  giveUpAt(name: string): void {
    this.#faults.unreadFrom = name;
  }
}
