import { isObject, type JsonObject } from '../../events/json-object.ts';
import { isLabelKey } from '../../events/labels.ts';
import { formatTimestamp, parseTimestamp } from '../../events/timestamp.ts';
import { numberOf, wholeNanos } from '../otlp/tokens.ts';

/** Characters that a message shows of a wrong value, which may be anything. */
const SHOWN = 40;
const MOST_LABELS = 20;
const LONGEST_LABEL = 200;
const EPOCH_MILLISECONDS = 1e11;

/**
 * Reads the fields of one row of a log. A wrong value becomes a fault with the name of the field in the log. A field is
 * named by its path, such as `input.inputTokenCount`; a key that has the dots itself is found too. Absent, null and
 * empty are the same.
 */
export class LogRow {
  /** The row as it was parsed. */
  readonly all: JsonObject;
  readonly faults: string[] = [];

  constructor(row: JsonObject) {
    this.all = row;
  }

  /** The value of the first path that has one. */
  value(...paths: readonly string[]): unknown {
    for (const path of paths) {
      const value = at(this.all, path);
      if (value !== undefined && value !== null && value !== '') return value;
    }
    return undefined;
  }

  text(...paths: readonly string[]): string | undefined {
    const value = this.value(...paths);
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
    return value === undefined ? undefined : this.#refuse(paths, 'a text', value);
  }

  requiredText(...paths: readonly string[]): string {
    const text = this.text(...paths);
    if (text === undefined && this.value(...paths) === undefined)
      this.faults.push(`${paths.join(' or ')} is required`);
    return text ?? '';
  }

  /** A number of tokens. */
  count(...paths: readonly string[]): number | undefined {
    return this.#number(
      paths,
      'a whole number of 0 or more',
      (number) => Number.isInteger(number) && number >= 0,
    );
  }

  /** Milliseconds, with three digits after the point at most. */
  milliseconds(...paths: readonly string[]): number | undefined {
    const number = this.#number(paths, 'a number of milliseconds', (milliseconds) => milliseconds >= 0);
    return number === undefined ? undefined : Math.round(number * 1e3) / 1e3;
  }

  /** An amount of dollars, in whole nano-dollars. @param perDollar how many of its units are a dollar */
  dollars(path: string, perDollar = 1): number | undefined {
    const number = this.#number([path], 'an amount of 0 or more', (amount) => amount >= 0);
    return number === undefined ? undefined : wholeNanos(number / perDollar);
  }

  number(...paths: readonly string[]): number | undefined {
    return this.#number(paths, 'a number', () => true);
  }

  /** A required time as ISO 8601. One without a zone is UTC; a number is seconds or milliseconds since the epoch. */
  time(...paths: readonly string[]): string {
    const value = this.value(...paths);
    if (value === undefined) {
      this.faults.push(`${paths.join(' or ')} is required`);
      return '';
    }
    const micros = microsOf(value);
    if (micros !== undefined) return formatTimestamp(micros);
    return this.#refuse(paths, 'a time such as 2026-01-31T12:00:00Z', value) ?? '';
  }

  /** `true`, also as the text or number that a table has for it. */
  isTrue(...paths: readonly string[]): boolean {
    return /^(true|1)$/i.test(String(this.value(...paths)));
  }

  /** The texts of an object, also if it is JSON in a text, as labels. What cannot be a label is left out. */
  labels(path: string, more: Readonly<Record<string, string | undefined>> = {}): JsonObject | undefined {
    const found = objectOf(this.value(path));
    const entries = Object.entries({ ...found, ...more })
      .filter(([key, value]) => isLabelKey(key) && typeof value === 'string' && value.trim() !== '')
      .slice(0, MOST_LABELS)
      .map(([key, value]) => [key, String(value).slice(0, LONGEST_LABEL)]);
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }

  #number(
    paths: readonly string[],
    expected: string,
    isRight: (number: number) => boolean,
  ): number | undefined {
    const value = this.value(...paths);
    if (value === undefined) return undefined;
    const number = numberOf(value);
    return number !== undefined && isRight(number) ? number : this.#refuse(paths, expected, value);
  }

  /** Values are shown only if they are short: a long one may be a prompt. */
  #refuse(paths: readonly string[], expected: string, value: unknown): undefined {
    const name = paths.find((path) => this.value(path) !== undefined) ?? paths[0];
    const text =
      typeof value === 'object' ? `${Array.isArray(value) ? 'a list' : 'an object'}` : JSON.stringify(value);
    this.faults.push(`${name} must be ${expected}${text.length > SHOWN ? '' : `, and is ${text}`}`);
    return undefined;
  }
}

function at(row: unknown, path: string): unknown {
  if (!isObject(row)) return undefined;
  if (Object.hasOwn(row, path)) return row[path];
  const dot = path.indexOf('.');
  return dot === -1 ? undefined : at(row[path.slice(0, dot)], path.slice(dot + 1));
}

function microsOf(value: unknown): number | undefined {
  const number = numberOf(value);
  if (number === undefined)
    return typeof value === 'string' ? parseTimestamp(value.trim(), { assumeUtc: true }) : undefined;
  if (number < 1e8 || number > 1e13) return undefined;
  return Math.round(number < EPOCH_MILLISECONDS ? number * 1e6 : number * 1e3);
}

function objectOf(value: unknown): JsonObject {
  if (isObject(value)) return value;
  if (typeof value !== 'string' || !value.startsWith('{')) return {};
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
