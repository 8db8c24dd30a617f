import type { Fault } from '../errors.ts';
import type { JsonObject } from './json-object.ts';

const MAX_NAME_SHOWN = 60;
/** Faults that are named of one input. A body can hold millions; they must fill neither memory nor the answer. */
const MAX_FAULTS = 20;

/** The faults of one input and all that is inside it: the first are named, the others counted. */
class Faults {
  readonly named: Fault[] = [];
  more = 0;
  /** The field at which reading stopped, if it did. */
  stoppedAt: string | undefined;
  /** Texts that were cut, which is no fault. */
  cut = 0;
}

/** Reads one object of the input: holds what was sent, its JSON path, and the faults found so far. */
export class InputReader {
  readonly input: JsonObject;
  readonly at: string;
  readonly #faults: Faults;

  /** @param outer the reader of the object around it; the two share their faults */
  constructor(input: JsonObject, at: string, outer?: InputReader) {
    this.input = input;
    this.at = at;
    this.#faults = outer ? outer.#faults : new Faults();
  }

  get isRight(): boolean {
    return this.#faults.named.length === 0;
  }

  /** No more faults will be named; further ones are only counted. */
  get isFull(): boolean {
    return this.#faults.named.length >= MAX_FAULTS;
  }

  /** The first faults, and how many more there are. */
  get faults(): Fault[] {
    const { named, more, stoppedAt } = this.#faults;
    const rest = [
      ...(more > 0 ? [`has ${more} more ${more === 1 ? 'fault' : 'faults'}`] : []),
      ...(stoppedAt === undefined ? [] : [`is not checked from ${stoppedAt} on`]),
    ];
    return rest.length === 0 ? named : [...named, { path: this.at, message: rest.join(', and ') }];
  }

  /** Texts that were cut because they were too long. */
  get cut(): number {
    return this.#faults.cut;
  }

  countCut(): void {
    this.#faults.cut++;
  }

  /** Records a fault of a field. */
  refuse(name: string, message: string): void {
    if (this.isFull) {
      this.#faults.more++;
      return;
    }
    const shown = name.length > MAX_NAME_SHOWN ? `${name.slice(0, MAX_NAME_SHOWN)}…` : name;
    this.#faults.named.push({ path: `${this.at}.${shown}`, message });
  }

  /** Records a fault for every field that is not known; most often it is misspelt. */
  refuseUnknown(known: ReadonlySet<string>): void {
    // It makes no list of the names, as `Object.keys` does. An object from JSON inherits no names.
    for (const name in this.input) {
      if (!known.has(name))
        this.refuse(name, 'is not a field of this type; put fields of your own into metadata');
    }
  }

  /** Records that nothing is read from this field on. */
  stopAt(name: string): void {
    this.#faults.stoppedAt = name;
  }
}
