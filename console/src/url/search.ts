/**
 * The search parameters of an address, as plain texts: `?org=acme&range=7d&model=gpt-4o,o1`. The router's own format would
 * put quotation marks around what looks like a number.
 */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Commas, colons and slashes stay readable. A parameter without a value is left out. */
export function writeSearch(search: Record<string, unknown>): string {
  const parts = Object.entries(search)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(2C|3A|2F|40|2A)/g, (code) => decodeURIComponent(code));
}

/** What every page has in its address. */
export interface SharedSearch {
  org?: string;
  /** `7d`, or two moments with a slash between them. */
  range?: string;
  tz?: string;
  /** `off`: the page does not refresh by itself. */
  live?: 'off';
}

/** Reads what every page has. Unknown parameters stay for the page. */
export function readShared(search: Record<string, unknown>): SharedSearch {
  const { org, range, tz, live } = search;
  return {
    ...(isText(org) && { org }),
    ...(isText(range) && { range }),
    ...(isText(tz) && { tz }),
    ...(live === 'off' && { live }),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** A text of the search that is one of these; else nothing, which means the first. */
export function oneOf<Choice extends string>(choices: readonly Choice[], value: unknown): Choice | undefined {
  return choices.find((choice) => choice === value);
}

/** Several values of one parameter: `gpt-4o,o1`. A comma within a value is written as `%2C`. */
export function readList(value: unknown): string[] {
  return isText(value)
    ? value
        .split(',')
        .filter(Boolean)
        .map((part) => part.replaceAll('%2C', ','))
    : [];
}

export function writeList(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.map((value) => value.replaceAll(',', '%2C')).join(',');
}
