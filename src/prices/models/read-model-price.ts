import type { Fault } from '../../errors.ts';
import { Refusal, readText, type Stored, wholeUnits, withoutVariants } from '../../events/field.ts';
import { InputReader } from '../../events/input-reader.ts';
import { isObject } from '../../events/json-object.ts';
import { readMillis } from '../read-millis.ts';
import { type ModelPrice, type PriceTier, type TokenRates, tokenRates, unitRates } from './model-price.ts';

const MAX_NAME = 200;
const MAX_DOLLARS = 1_000_000;
const BILLIONTHS = 1_000_000_000;
const DOLLARS = new Refusal(`a number of dollars from 0 to ${MAX_DOLLARS}, with at most 9 decimals`);
const MAX_TIERS = 10;
const MAX_TOKENS = 1_000_000_000;
const TOKENS = new Refusal(`a whole number from 1 to ${MAX_TOKENS}`);

const scopeFields = ['provider', 'model', 'serviceTier', 'effectiveFrom', 'effectiveTo'];
const known = new Set([...scopeFields, ...tokenRates, ...unitRates, 'tiers']);
const knownOfTier = new Set(['aboveInputTokens', ...tokenRates]);

function readName(value: unknown) {
  return readText(typeof value === 'string' ? withoutVariants(value) : value, MAX_NAME);
}

function readLowerCase(value: unknown) {
  const name = readName(value);
  return typeof name === 'string' ? name.toLowerCase() : name;
}

function readDollars(value: unknown): number | Refusal {
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_DOLLARS)) return DOLLARS;
  const billionths = wholeUnits(value, BILLIONTHS);
  return billionths === undefined ? DOLLARS : billionths / BILLIONTHS;
}

function readTokens(value: unknown): number | Refusal {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_TOKENS
    ? value
    : TOKENS;
}

function optional<T extends Stored>(
  reader: InputReader,
  name: string,
  read: (value: unknown) => T | Refusal,
): T | null {
  const value = reader.input[name];
  if (value === undefined || value === null) return null;
  const stored = read(value);
  if (!(stored instanceof Refusal)) return stored;
  reader.refuse(name, `must be ${stored.expected}`);
  return null;
}

function required<T extends Stored>(
  reader: InputReader,
  name: string,
  read: (value: unknown) => T | Refusal,
): T | null {
  if (reader.input[name] === undefined || reader.input[name] === null) reader.refuse(name, 'is required');
  return optional(reader, name, read);
}

function refuseUnknown(reader: InputReader, fields: ReadonlySet<string>): void {
  for (const name of Object.keys(reader.input))
    if (!fields.has(name))
      reader.refuse(name, `is not a field of a model's price; the fields are ${[...fields].join(', ')}`);
}

function readRates(reader: InputReader): TokenRates {
  return Object.fromEntries(
    tokenRates.map((rate) => [rate, optional(reader, rate, readDollars)]),
  ) as TokenRates;
}

/**
 * Reads the price of a model from a file or a request, with the names of `ModelPrice`. Values that are left out are open.
 * Pure.
 * @param at the start of the paths of faults
 */
export function readModelPrice(input: unknown, at: string): ModelPrice | Fault[] {
  if (!isObject(input)) return [{ path: at, message: 'must be an object' }];
  const reader = new InputReader(input, at);
  const price: ModelPrice = {
    provider: required(reader, 'provider', readLowerCase) ?? '',
    model: required(reader, 'model', readName) ?? '',
    serviceTier: optional(reader, 'serviceTier', readLowerCase),
    effectiveFrom: required(reader, 'effectiveFrom', readMillis) ?? 0,
    effectiveTo: optional(reader, 'effectiveTo', readMillis),
    ...readRates(reader),
    usdPerCall: optional(reader, 'usdPerCall', readDollars),
    usdPerSecond: optional(reader, 'usdPerSecond', readDollars),
    usdPerImage: optional(reader, 'usdPerImage', readDollars),
    tiers: readTiers(reader),
  };
  refuseUnknown(reader, known);
  if (reader.isRight) refuseContradictions(price, reader);
  return reader.isRight ? price : reader.faults;
}

function readTiers(reader: InputReader): PriceTier[] {
  const { tiers } = reader.input;
  if (tiers === undefined || tiers === null) return [];
  if (!Array.isArray(tiers) || tiers.length > MAX_TIERS) {
    reader.refuse('tiers', `must be a list of at most ${MAX_TIERS} tiers`);
    return [];
  }
  return tiers
    .map((tier: unknown, index) => {
      const name = `tiers[${index}]`;
      if (!isObject(tier)) reader.refuse(name, 'must be an object');
      const inner = new InputReader(isObject(tier) ? tier : {}, `${reader.at}.${name}`, reader);
      if (isObject(tier)) refuseUnknown(inner, knownOfTier);
      return {
        aboveInputTokens: isObject(tier) ? (required(inner, 'aboveInputTokens', readTokens) ?? 0) : 0,
        ...readRates(inner),
      };
    })
    .sort((a, b) => a.aboveInputTokens - b.aboveInputTokens);
}

function refuseContradictions({ effectiveFrom, effectiveTo, ...price }: ModelPrice, reader: InputReader) {
  if (effectiveTo !== null && effectiveTo <= effectiveFrom)
    reader.refuse('effectiveTo', 'must be after effectiveFrom');
  const bounds = price.tiers.map(({ aboveInputTokens }) => aboveInputTokens);
  if (new Set(bounds).size < bounds.length) reader.refuse('tiers', 'must each have another aboveInputTokens');
  const rates = [...tokenRates, ...unitRates];
  if (rates.every((rate) => price[rate] === null)) {
    reader.refuse('usdPerMillionInputTokens', `or another rate is required; set one of ${rates.join(', ')}`);
  }
}
