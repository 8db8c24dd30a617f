import type { Fault } from '../errors.ts';

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const MAX_NAME_SHOWN = 60;
/** Unknown fields named of one object: a body can hold a million, and the answer must not. */
const MAX_UNKNOWN_SHOWN = 20;

/** An object being read: what was sent, where it stands, and the faults found so far in all that is read. */
export class Reading {
  readonly input: JsonObject;
  readonly at: string;
  readonly faults: Fault[];

  constructor(input: JsonObject, at: string, faults: Fault[] = []) {
    this.input = input;
    this.at = at;
    this.faults = faults;
  }

  /** Notes what is wrong with a field. */
  refuse(name: string, message: string): void {
    const shown = name.length > MAX_NAME_SHOWN ? `${name.slice(0, MAX_NAME_SHOWN)}…` : name;
    this.faults.push({ path: `${this.at}.${shown}`, message });
  }

  /** Notes every field that is not among the known ones: most often a misspelt one. */
  refuseUnknown(known: ReadonlySet<string>): void {
    let unknown = 0;
    for (const name of Object.keys(this.input)) {
      if (known.has(name)) continue;
      if (++unknown > MAX_UNKNOWN_SHOWN) continue;
      this.refuse(name, 'is not a field of this type; metadata takes free fields');
    }
    if (unknown > MAX_UNKNOWN_SHOWN) {
      const message = `has ${unknown - MAX_UNKNOWN_SHOWN} more that are not fields of this type`;
      this.faults.push({ path: this.at, message });
    }
  }
}
