/** Reads one setting from its text. Throws an `Error` whose message is what is allowed. */
export type Parse<T> = (text: string) => T;

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Any text. */
export const text: Parse<string> = (given) => given;

/** A secret of at least `bytes` bytes of UTF-8. */
export function secretOf(bytes: number): Parse<string> {
  return (given) => {
    if (Buffer.byteLength(given) < bytes) throw new Error(`a secret of at least ${bytes} bytes`);
    return given;
  };
}

/** A whole number within `[least, most]`. */
export function wholeNumber(least: number, most: number): Parse<number> {
  return (given) => {
    const value = Number(given);
    if (!/^\d{1,15}$/.test(given) || value < least || value > most) {
      throw new Error(`a whole number from ${least} to ${most}`);
    }
    return value;
  };
}

/** A duration such as `250ms`, `1s`, `15m`, `6h` or `7d`, as milliseconds within `[least, most]`. */
export function duration(least: string, most: string): Parse<number> {
  return (given) => {
    const value = milliseconds(given);
    if (
      value === undefined ||
      value < (milliseconds(least) ?? 0) ||
      value > (milliseconds(most) ?? Infinity)
    ) {
      throw new Error(`a duration from ${least} to ${most}, such as ${least}`);
    }
    return value;
  };
}

function milliseconds(given: string): number | undefined {
  const match = /^(\d{1,12})(ms|s|m|h|d)$/.exec(given);
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : undefined;
}

/** A URL with one of the schemes (without the colon), unchanged. */
export function url(...schemes: string[]): Parse<string> {
  return (given) => {
    const allowed = `a URL starting with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
    if (!URL.canParse(given) || !schemes.includes(new URL(given).protocol.slice(0, -1)))
      throw new Error(allowed);
    return given;
  };
}

/** One of the names given. */
export function oneOf<T extends string>(...names: readonly T[]): Parse<T> {
  return (given) => {
    const found = names.find((name) => name === given);
    if (found === undefined) throw new Error(`one of ${names.join(', ')}`);
    return found;
  };
}

/** A list separated by commas, each entry read by `parse`. */
export function listOf<T>(parse: Parse<T>): Parse<readonly T[]> {
  return (given) =>
    Object.freeze(
      given
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '')
        .map(parse),
    );
}
