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
