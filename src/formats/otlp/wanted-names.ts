/** Names that begin alike, such as all labels. */
export interface NameFamily {
  prefix: string;
  /** Whether a name that begins so is one of them. */
  has(name: string): boolean;
}

interface EncodedName {
  name: string;
  bytes: Buffer;
}

/** No name of an attribute that is wanted is longer. */
const LONGEST_NAME = 100;

/**
 * The names of the attributes that are read. A span has many others, prompts among them. So a name is looked for in the
 * bytes of the body, and becomes text only if its attribute is read.
 */
export class WantedNames {
  readonly #names: ReadonlySet<string>;
  readonly #byLength: EncodedName[][];
  readonly #families: readonly { family: NameFamily; prefix: Buffer }[];

  constructor(names: Iterable<string>, families: readonly NameFamily[] = []) {
    this.#names = new Set(names);
    this.#byLength = Array.from({ length: LONGEST_NAME + 1 }, () => []);
    for (const name of this.#names)
      this.#byLength[name.length]?.push({ name, bytes: Buffer.from(name, 'latin1') });
    this.#families = families.map((family) => ({ family, prefix: Buffer.from(family.prefix, 'latin1') }));
  }

  has(name: string): boolean {
    return this.#names.has(name) || this.#families.some(({ family }) => isOfFamily(name, family));
  }

  /** The wanted name that some bytes are. */
  find(bytes: Buffer, start: number, end: number): string | undefined {
    const candidates = this.#byLength[end - start];
    if (candidates === undefined) return undefined;
    for (const candidate of candidates) if (endsWith(bytes, end, candidate.bytes)) return candidate.name;
    for (const { family, prefix } of this.#families) {
      if (prefix.length > end - start || !endsWith(bytes, start + prefix.length, prefix)) continue;
      const name = bytes.toString('latin1', start, end);
      if (isOfFamily(name, family)) return name;
    }
    return undefined;
  }
}

function isOfFamily(name: string, { prefix, has }: NameFamily): boolean {
  return name.startsWith(prefix) && has(name);
}

/** Compares backwards, because most names begin alike. */
function endsWith(bytes: Buffer, end: number, text: Buffer): boolean {
  for (let back = 1; back <= text.length; back++) {
    if (bytes[end - back] !== text[text.length - back]) return false;
  }
  return true;
}
