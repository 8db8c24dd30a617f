import type { Fault } from '../errors.ts';
import { Refusal, readText, type Stored, wholeUnits, withoutVariants } from '../events/field.ts';
import { InputReader } from '../events/input-reader.ts';
import { isObject } from '../events/json-object.ts';
import { type Price, priceParts } from './price.ts';
import { readMillis } from './read-millis.ts';

const MAX_NAME = 100;
const MAX_CENTS = 100_000_000;
const MILLIONTHS = 1_000_000;
const CENTS = new Refusal(`a number of cents from 0 to ${MAX_CENTS}, with at most 6 decimals`);

const known = new Set(['provider', 'pipeline', 'operation', 'effectiveFrom', 'effectiveTo', ...priceParts]);

function readName(value: unknown) {
  return readText(typeof value === 'string' ? withoutVariants(value) : value, MAX_NAME);
}

function readCents(value: unknown): number | Refusal {
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_CENTS)) return CENTS;
  const millionths = wholeUnits(value, MILLIONTHS);
  return millionths === undefined ? CENTS : millionths / MILLIONTHS;
}

/**
 * Reads a price from a file or a request, with the names of `Price`. Values that are left out are open. Pure.
 * @param at the start of the paths of faults
 */
export function readPrice(input: unknown, at: string): Price | Fault[] {
  if (!isObject(input)) return [{ path: at, message: 'must be an object' }];
  const reader = new InputReader(input, at);
  const optional = <T extends Stored>(name: string, read: (value: unknown) => T | Refusal): T | null => {
    const value = input[name];
    if (value === undefined || value === null) return null;
    const stored = read(value);
    if (!(stored instanceof Refusal)) return stored;
    reader.refuse(name, `must be ${stored.expected}`);
    return null;
  };
  const required = <T extends Stored>(name: string, read: (value: unknown) => T | Refusal): T | null => {
    if (input[name] === undefined || input[name] === null) reader.refuse(name, 'is required');
    return optional(name, read);
  };

  const price: Price = {
    provider: required('provider', readName) ?? '',
    pipeline: optional('pipeline', readName),
    operation: optional('operation', readName),
    effectiveFrom: required('effectiveFrom', readMillis) ?? 0,
    effectiveTo: optional('effectiveTo', readMillis),
    centsPerJob: optional('centsPerJob', readCents),
    centsPerSecond: optional('centsPerSecond', readCents),
    centsPerMillionInputTokens: optional('centsPerMillionInputTokens', readCents),
    centsPerMillionOutputTokens: optional('centsPerMillionOutputTokens', readCents),
  };
  for (const name of Object.keys(input)) {
    if (!known.has(name))
      reader.refuse(name, `is not a field of a price; the fields are ${[...known].join(', ')}`);
  }
  if (reader.isRight) refuseContradictions(price, reader);
  return reader.isRight ? price : reader.faults;
}

function refuseContradictions(price: Price, reader: InputReader): void {
  const { pipeline, operation, effectiveFrom, effectiveTo } = price;
  if (operation !== null && pipeline === null) reader.refuse('pipeline', 'is required beside operation');
  if (effectiveTo !== null && effectiveTo <= effectiveFrom) {
    reader.refuse('effectiveTo', 'must be after effectiveFrom');
  }
  if (priceParts.every((part) => price[part] === null)) {
    reader.refuse('centsPerJob', `or another part is required; set one of ${priceParts.join(', ')}`);
  }
}
