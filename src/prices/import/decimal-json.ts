import { CodedError } from '../../errors.ts';
import { isObject } from '../../events/json-object.ts';

const MAX_DIGITS = 15;

/** A number of a JSON text, as it is written there. */
export class Decimal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Parses JSON and keeps every number as its text, because a float would lose digits when its point is moved.
 * @throws {CodedError} `invalid_request` when the text is not JSON
 */
export function parseDecimals(text: string): unknown {
  const keepText = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' ? new Decimal(context?.source ?? String(value)) : value;
  try {
    return JSON.parse(text, keepText);
  } catch (error) {
    throw new CodedError('invalid_request', `the file is not valid JSON: ${(error as Error).message}`);
  }
}

/** Whether the value is an object of a text that `parseDecimals` read. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !(value instanceof Decimal);
}

/**
 * The number that is nearest to the decimal times a power of ten. Its shortest text has the same digits as the decimal.
 * Undefined when the decimal has more than 15 significant digits, which a number does not hold exactly.
 */
export function scaled({ text }: Decimal, power: number): number | undefined {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const digits = mantissa.replace(/[-.]/g, '').replace(/^0+|0+$/g, '');
  return digits.length > MAX_DIGITS ? undefined : Number(`${mantissa}e${Number(exponent) + power}`);
}

/** Ten to this power is the most that a decimal is moved by. No price is so large, and none so small matters. */
const MOST_POWER = 400;
const BILLIONTHS = 1_000_000_000;
const NINE = 9;

/**
 * A decimal times a power of ten, rounded to nine decimals, halves up: a price has no more. A list may have more digits,
 * because it was computed with floats.
 */
export function toNineDecimals({ text }: Decimal, power: number): { value: number; isRounded: boolean } {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', decimals = ''] = mantissa.split('.');
  const shift = Number(exponent) + power + NINE - decimals.length;
  const digits = BigInt(whole + decimals);
  if (digits === 0n) return { value: 0, isRounded: false };
  if (digits < 0n) return { value: Number.NEGATIVE_INFINITY, isRounded: false };
  if (shift > MOST_POWER) return { value: Number.POSITIVE_INFINITY, isRounded: false };
  if (shift < -MOST_POWER) return { value: 0, isRounded: true };
  if (shift >= 0) return { value: Number(digits * 10n ** BigInt(shift)) / BILLIONTHS, isRounded: false };
  const divisor = 10n ** BigInt(-shift);
  const rounded = (2n * digits + divisor) / (2n * divisor);
  return { value: Number(rounded) / BILLIONTHS, isRounded: digits % divisor !== 0n };
}
