import { isStorable } from '../plain-text.ts';
import type { ContentColumn } from './columns.ts';
import { missingDay, parseTimestamp } from './timestamp.ts';

/** A stored value: text, or a whole number in the unit of the column. */
export type Stored = string | number;

/** Returned in place of a value that is wrong; says what is allowed. */
export class Refusal {
  readonly expected: string;
  constructor(expected: string) {
    this.expected = expected;
  }
}

/**
 * One field of an event type: how its JSON value is read, in which column it is stored, and whether it is a dimension
 * of rollups. Validation, storage, rollups and documentation follow from it.
 */
export interface Field {
  /** Returns the stored value, or a refusal. Never throws. */
  read(value: unknown): Stored | Refusal;
  /** The column that stores it. A field without one is stored in `attributes`. */
  column?: ContentColumn;
  /** It is a dimension of rollups. */
  dimension?: true;
  optional?: true;
  /** Another field that says the same in another unit. Only one of them may be sent. */
  insteadOf?: string;
  /** A text of more characters is cut here. */
  cutAt?: number;
  /** How many stored units one of the field is, such as 1,000 microseconds for a millisecond. Absent: one. */
  unitsPerOne?: number;
  /** The name of what its column holds in the end, if the type derives something else from what was sent. */
  derivedName?: string;
  about: string;
  jsonSchema: Record<string, unknown>;
}

interface Placement {
  about: string;
  column?: ContentColumn;
  dimension?: true;
  optional?: true;
  insteadOf?: string;
  derivedName?: string;
}

/** Reads text. It allows neither NUL, which PostgreSQL cannot store, nor half of a surrogate pair. */
export function readText(value: unknown, maxLength: number): string | Refusal {
  if (typeof value === 'string' && value.length > 0 && value.length <= maxLength) {
    if (isStorable(value)) return value;
    return new Refusal('text without NUL characters and unpaired surrogates');
  }
  return new Refusal(`text of 1 to ${maxLength} characters`);
}

/** Spaces around a text, and an accent as a character of its own, cannot be seen, so they must not make another name. */
export function withoutVariants(text: string): string {
  return text.trim().normalize();
}

/** The first characters of a text. No more than half of a surrogate pair is lost besides. */
export function cutText(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

interface TextOptions extends Placement {
  maxLength?: number;
  /** A longer text is cut, because it tells no things apart: refusing the whole event would lose more. */
  cut?: true;
  /** The case says nothing, so it is kept in lower case. */
  lowerCase?: true;
  /** A pattern that it must match, and what `expected` calls such a text. */
  pattern?: RegExp;
  expected?: string;
}

export function text({
  maxLength = 200,
  pattern,
  expected,
  cut,
  lowerCase,
  ...placement
}: TextOptions): Field {
  return {
    ...placement,
    ...(cut && { cutAt: maxLength }),
    read: (value) => {
      let plain = typeof value === 'string' ? withoutVariants(value) : value;
      if (lowerCase && typeof plain === 'string') plain = plain.toLowerCase();
      const read = readText(cut && typeof plain === 'string' ? cutText(plain, maxLength) : plain, maxLength);
      if (!pattern || (typeof read === 'string' && pattern.test(read))) return read;
      return new Refusal(expected ?? `text that matches ${pattern.source}`);
    },
    jsonSchema: {
      type: 'string',
      minLength: 1,
      ...(cut ? {} : { maxLength }),
      ...(pattern && { pattern: pattern.source }),
    },
  };
}

export function choice(allowed: readonly string[], placement: Placement): Field {
  const known = new Set<unknown>(allowed);
  const refusal = new Refusal(`one of ${allowed.join(', ')}`);
  return {
    ...placement,
    read: (value) => (known.has(value) ? (value as string) : refusal),
    jsonSchema: { type: 'string', enum: [...allowed] },
  };
}

/** A whole number, stored without conversion. */
export function integer({
  min = 0,
  max = 1e12,
  ...placement
}: Placement & { min?: number; max?: number }): Field {
  const refusal = new Refusal(`a whole number from ${min} to ${max}`);
  return {
    ...placement,
    read: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : refusal,
    jsonSchema: { type: 'integer', minimum: min, maximum: max },
  };
}

const MAX_DURATION_MS = 30 * 24 * 3_600_000;
/** Microseconds in a millisecond. */
export const MICROS_PER_MS = 1_000;

/** Milliseconds, stored as whole microseconds. */
export function milliseconds(placement: Placement): Field {
  const refusal = new Refusal(`a number of milliseconds from 0 to ${MAX_DURATION_MS} (30 days)`);
  return {
    ...placement,
    read: (value) =>
      typeof value === 'number' && value >= 0 && value <= MAX_DURATION_MS
        ? Math.round(value * MICROS_PER_MS)
        : refusal,
    unitsPerOne: MICROS_PER_MS,
    jsonSchema: { type: 'number', minimum: 0, maximum: MAX_DURATION_MS, description: 'Milliseconds' },
  };
}

/** Amounts are stored in ten-thousandths of a minor unit, such as the cent. */
export const AMOUNT_UNITS_PER_CENT = 10_000;
const MAX_CENTS = 1e10;
/** Costs are stored in nano-dollars: a token for two cents a million costs 20 of them. */
export const NANODOLLARS_PER_DOLLAR = 1_000_000_000;
export const NANODOLLARS_PER_CENT = NANODOLLARS_PER_DOLLAR / 100;
/** Digits of a dollar after its point. */
export const COST_SCALE = 9;
/** Small enough that every number of nano-dollars is exact as a double. */
export const MAX_COST_DOLLARS = 1_000_000;

/** Arithmetic of senders such as 100.1 - 100 leaves an error of this size; no price is so small. */
const NOISE = 1e-11;
/** The roundings that a few products and sums leave, as a share of the number. */
const RELATIVE_NOISE = 4 * Number.EPSILON;

/**
 * A decimal number as the whole number of its units, such as 0.1615 as 1615 ten-thousandths. The noise of floating point
 * does not count: `0.001615 * 100` is 0.16149999999999998. It returns `undefined` for a number with further decimals.
 */
export function wholeUnits(value: number, unitsPerOne: number): number | undefined {
  // Adding 0 makes 0 of -0.
  const units = Math.round(value * unitsPerOne) + 0;
  const error = Math.abs(units / unitsPerOne - value);
  return error <= Math.max(NOISE, RELATIVE_NOISE * Math.abs(value)) ? units : undefined;
}

/** A cost as its sender computes it: in nano-dollars, rounded, as a share of a price may have any number of decimals. */
function cost(placement: Placement, { unit, unitsPerOne }: { unit: string; unitsPerOne: number }): Field {
  const most = (MAX_COST_DOLLARS * NANODOLLARS_PER_DOLLAR) / unitsPerOne;
  const refusal = new Refusal(`a number of ${unit} from 0 to ${most}`);
  return {
    ...placement,
    read: (value) =>
      typeof value === 'number' && value >= 0 && value <= most ? Math.round(value * unitsPerOne) : refusal,
    unitsPerOne,
    jsonSchema: {
      type: 'number',
      minimum: 0,
      maximum: most,
      description: `${unit === 'cents' ? 'Cents' : 'Dollars'}, rounded to a billionth of a dollar`,
    },
  };
}

/** A cost in cents, stored as whole nano-dollars. */
export function costInCents(placement: Placement): Field {
  return cost(placement, { unit: 'cents', unitsPerOne: NANODOLLARS_PER_CENT });
}

/** A cost in dollars, stored as whole nano-dollars. */
export function costInDollars(placement: Placement): Field {
  return cost(placement, { unit: 'dollars', unitsPerOne: NANODOLLARS_PER_DOLLAR });
}

/**
 * Cents with up to four decimals, stored as whole ten-thousandths of a cent. A double distinguishes all such numbers
 * below 10^10, so the conversion is exact, and a number with more decimals is refused.
 */
export function cents({ min = 0, ...placement }: Placement & { min?: number }): Field {
  const refusal = new Refusal(`a number of cents from ${min} to ${MAX_CENTS}, with at most 4 decimals`);
  return {
    ...placement,
    read: (value) => {
      if (typeof value !== 'number' || !(value >= min && value <= MAX_CENTS)) return refusal;
      return wholeUnits(value, AMOUNT_UNITS_PER_CENT) ?? refusal;
    },
    unitsPerOne: AMOUNT_UNITS_PER_CENT,
    jsonSchema: { type: 'number', minimum: min, maximum: MAX_CENTS, description: 'Cents, up to 4 decimals' },
  };
}

const TIMESTAMP_REFUSAL = new Refusal(
  'an ISO 8601 date and time with its zone, such as 2026-01-31T12:00:00Z',
);
/** Numbers from here on are milliseconds: as seconds they would be in the year 5138, and as milliseconds they are in 1973. */
const FIRST_MILLISECONDS = 1e11;
const LAST_MILLISECONDS = Date.UTC(2200, 0);
/** Smaller numbers are no times: they were in March 1973, and are counts or years by mistake. */
const FIRST_SECONDS = 1e8;

/** A number of seconds or milliseconds since the epoch, as microseconds. */
export function microsOfEpoch(value: number): number | undefined {
  if (!(value >= FIRST_SECONDS && value <= LAST_MILLISECONDS)) return undefined;
  return Math.round(value * (value < FIRST_MILLISECONDS ? 1e6 : 1e3));
}

/** Reads a moment; stored as microseconds since the epoch. A number is seconds or milliseconds since the epoch. */
export function readTimestamp(value: unknown): number | Refusal {
  if (typeof value === 'number') return microsOfEpoch(value) ?? TIMESTAMP_REFUSAL;
  if (typeof value !== 'string') return TIMESTAMP_REFUSAL;
  const micros = parseTimestamp(value);
  if (micros !== undefined) return micros;
  const missing = missingDay(value);
  return missing === undefined ? TIMESTAMP_REFUSAL : new Refusal(`on a day that exists; ${missing} does not`);
}
