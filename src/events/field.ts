import type { ContentColumn } from './columns.ts';
import { missingDay, parseTimestamp } from './timestamp.ts';

/** A value as it is stored: text, or a whole number in the column's unit. */
export type Stored = string | number;

/** What a reader returns instead of a value: what would have been right. */
export class Refusal {
  readonly expected: string;
  constructor(expected: string) {
    this.expected = expected;
  }
}

/**
 * One field of an event type: how its JSON value is read, where it is stored, and whether rollups are
 * kept apart by it. Validation, storage, rollups and documentation all derive from this.
 */
export interface Field {
  /** The stored value, or what would have been right. Never throws. */
  read(value: unknown): Stored | Refusal;
  /** The column that holds it; a field without one is kept in `attributes`. */
  column?: ContentColumn;
  /** Rollups are kept apart by it. */
  dimension?: true;
  optional?: true;
  about: string;
  jsonSchema: Record<string, unknown>;
}

interface Placement {
  about: string;
  column?: ContentColumn;
  dimension?: true;
  optional?: true;
}

/** Text that PostgreSQL can hold and a person can read: no NUL, no half of a surrogate pair. */
export function readText(value: unknown, maxLength: number): string | Refusal {
  if (typeof value === 'string' && value.length > 0 && value.length <= maxLength) {
    if (!value.includes('\0') && value.isWellFormed()) return value;
    return new Refusal('text without NUL bytes and lone surrogates');
  }
  return new Refusal(`text of 1 to ${maxLength} characters`);
}

interface TextOptions extends Placement {
  maxLength?: number;
  /** What it must match beyond its length, and how that is said. */
  pattern?: RegExp;
  expected?: string;
}

export function text({ maxLength = 200, pattern, expected, ...placement }: TextOptions): Field {
  return {
    ...placement,
    read: (value) => {
      const read = readText(value, maxLength);
      if (!pattern || (typeof read === 'string' && pattern.test(read))) return read;
      return new Refusal(expected ?? `text that matches ${pattern.source}`);
    },
    jsonSchema: { type: 'string', minLength: 1, maxLength, ...(pattern && { pattern: pattern.source }) },
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

/** A whole number, stored as it is. */
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

/** Milliseconds, stored as whole microseconds. */
export function milliseconds(placement: Placement): Field {
  const refusal = new Refusal(`a number of milliseconds from 0 to ${MAX_DURATION_MS} (30 days)`);
  return {
    ...placement,
    read: (value) =>
      typeof value === 'number' && value >= 0 && value <= MAX_DURATION_MS
        ? Math.round(value * 1_000)
        : refusal,
    jsonSchema: { type: 'number', minimum: 0, maximum: MAX_DURATION_MS, description: 'Milliseconds' },
  };
}

/** Ten-thousandths of a cent in a cent. */
export const COST_UNITS_PER_CENT = 10_000;
const MAX_CENTS = 1e10;

/**
 * Cents with up to four decimals, stored as whole ten-thousandths of a cent. A double holds every such
 * number below 10^10 apart from its neighbours, so the conversion is exact or refused.
 */
export function cents({ min = 0, ...placement }: Placement & { min?: number }): Field {
  const refusal = new Refusal(`a number of cents from ${min} to ${MAX_CENTS}, with at most 4 decimals`);
  return {
    ...placement,
    read: (value) => {
      if (typeof value !== 'number' || !(value >= min && value <= MAX_CENTS)) return refusal;
      const units = Math.round(value * COST_UNITS_PER_CENT);
      return units / COST_UNITS_PER_CENT === value ? units : refusal;
    },
    jsonSchema: { type: 'number', minimum: min, maximum: MAX_CENTS, description: 'Cents, up to 4 decimals' },
  };
}

const TIMESTAMP_REFUSAL = new Refusal(
  'an ISO 8601 date and time with its zone, such as 2026-01-31T12:00:00Z',
);

/** A moment, stored as microseconds since the epoch. */
export function readTimestamp(value: unknown): number | Refusal {
  if (typeof value !== 'string') return TIMESTAMP_REFUSAL;
  const micros = parseTimestamp(value);
  if (micros !== undefined) return micros;
  const missing = missingDay(value);
  return missing === undefined
    ? TIMESTAMP_REFUSAL
    : new Refusal(`on a day that exists; there is no ${missing}`);
}
