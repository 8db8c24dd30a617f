import { CodedError } from '../../errors.ts';
import { Decimal, isRecord, parseDecimals, scaled } from './decimal-json.ts';
import {
  EntryFault,
  type ImportedList,
  type ImportedPrice,
  type PriceTier,
  type RateName,
  type Rates,
  readRate,
} from './model-price.ts';

/** The list gives no start for the oldest price of a model; it holds for all calls before the next. */
const ALWAYS = '1970-01-01';

/** The fields of the list, and the power of ten between its unit and ours. */
const RATES = new Map<string, { name: RateName; power: number }>([
  ['input_mtok', { name: 'usdPerMillionInputTokens', power: 0 }],
  ['output_mtok', { name: 'usdPerMillionOutputTokens', power: 0 }],
  ['cache_read_mtok', { name: 'usdPerMillionCacheReadTokens', power: 0 }],
  ['cache_write_mtok', { name: 'usdPerMillionCacheWriteTokens', power: 0 }],
  ['cache_write_1h_mtok', { name: 'usdPerMillionCacheWriteHourTokens', power: 0 }],
  ['output_reasoning_mtok', { name: 'usdPerMillionReasoningTokens', power: 0 }],
  ['requests_kcount', { name: 'usdPerCall', power: -3 }],
]);

interface Step {
  /** Tokens of input beyond which the rate holds. */
  above: number;
  rate: number;
}
interface Dated {
  effectiveFrom: string;
  rates: Rates & { tiers?: PriceTier[] };
}

/**
 * Reads the prices of `prices/new_data/v2/data.json` of pydantic/genai-prices. Pure.
 *
 * A model gets its price under its id and under each name that it equals or starts with. Where two models of a
 * provider claim a name, the first has it, as in the list's own lookup.
 * @throws {CodedError} `invalid_request` when the text is not such a list
 */
export function readGenaiPrices(text: string): ImportedList {
  const providers = parseDecimals(text);
  if (!Array.isArray(providers)) {
    throw new CodedError(
      'invalid_request',
      'the file is not a list of providers, as data.json of genai-prices is',
    );
  }
  const list: ImportedList = { prices: [], skipped: [], partial: [] };
  for (const [index, provider] of providers.entries()) {
    if (!isRecord(provider) || typeof provider.id !== 'string' || !Array.isArray(provider.models)) {
      list.skipped.push({ name: `provider ${index}`, reason: 'has no id or no list of models' });
      continue;
    }
    const claimed = new Set<string>();
    for (const [place, model] of provider.models.entries()) {
      addModel(list, { provider: provider.id, model, place, claimed });
    }
  }
  return list;
}

function addModel(
  list: ImportedList,
  {
    provider,
    model,
    place,
    claimed,
  }: { provider: string; model: unknown; place: number; claimed: Set<string> },
): void {
  const id = isRecord(model) && typeof model.id === 'string' ? model.id : undefined;
  const name = `${provider} / ${id ?? `model ${place}`}`;
  try {
    if (!isRecord(model) || id === undefined) throw new EntryFault('has no id');
    const unread = new Set<string>();
    const dated = readDated(model.prices, unread);
    const names = namesOf(id, model.match, unread).filter((each) => !claimed.has(each.toLowerCase()));
    if (names.length === 0) throw new EntryFault('has the name of an earlier model of the provider');
    for (const each of names) {
      claimed.add(each.toLowerCase());
      for (const { effectiveFrom, rates } of dated) {
        const price: ImportedPrice = { provider, model: each, effectiveFrom, ...rates };
        list.prices.push(price);
      }
    }
    if (unread.size > 0)
      list.partial.push({ name, reason: `not imported: ${[...unread].sort().join(', ')}` });
  } catch (error) {
    if (!(error instanceof EntryFault)) throw error;
    list.skipped.push({ name, reason: error.message });
  }
}

/** The id, and the names of the rule. Rules by part of a name or by pattern have no names. */
function namesOf(id: string, rule: unknown, unread: Set<string>): string[] {
  const names = new Set([id]);
  const clauses = [rule];
  for (const clause of clauses) {
    if (!isRecord(clause)) continue;
    for (const [kind, value] of Object.entries(clause)) {
      if (kind === 'or' && Array.isArray(value)) clauses.push(...(value as unknown[]));
      else if ((kind === 'equals' || kind === 'starts_with') && typeof value === 'string') {
        if (/[\p{L}\p{N}]$/u.test(value)) names.add(value);
      } else unread.add(`names by "${kind}"`);
    }
  }
  return [...names];
}

/** The prices of a model, each from its date. The last of one date holds, as in the list. */
function readDated(prices: unknown, unread: Set<string>): Dated[] {
  const entries: unknown[] = Array.isArray(prices) ? prices : [{ prices }];
  const byStart = new Map<string, Dated>();
  for (const entry of entries) {
    if (!isRecord(entry) || !isRecord(entry.prices))
      throw new EntryFault('has prices that are not an object');
    const effectiveFrom = readStart(entry.constraint);
    byStart.set(effectiveFrom, { effectiveFrom, rates: readRates(entry.prices, unread) });
  }
  return [...byStart.values()].sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1));
}

function readStart(constraint: unknown): string {
  if (constraint === undefined || constraint === null) return ALWAYS;
  if (isRecord(constraint) && typeof constraint.start_date === 'string') {
    const isDate = /^\d{4}-\d{2}-\d{2}$/.test(constraint.start_date);
    if (isDate && Object.keys(constraint).length === 1) return constraint.start_date;
  }
  throw new EntryFault('has prices by time of day, or another condition than a start_date');
}

function readRates(prices: Record<string, unknown>, unread: Set<string>): Dated['rates'] {
  const steps = new Map<RateName, Step[]>();
  for (const [field, value] of Object.entries(prices)) {
    const known = RATES.get(field);
    if (known === undefined) unread.add(field);
    else if (value !== null) steps.set(known.name, readSteps(value, known.power, { field, unread }));
  }
  if (steps.size === 0) throw new EntryFault('has no price by tokens or calls');
  const at = (tokens: number): Rates =>
    Object.fromEntries(
      [...steps].flatMap(([name, list]) => {
        const step = list.findLast(({ above }) => above <= tokens);
        return step === undefined ? [] : [[name, step.rate]];
      }),
    );
  const thresholds = new Set([...steps.values()].flat().map(({ above }) => above));
  thresholds.delete(0);
  const tiers = [...thresholds]
    .sort((a, b) => a - b)
    .map((tokens): PriceTier => ({ aboveInputTokens: tokens, ...at(tokens) }));
  return tiers.length === 0 ? at(0) : { ...at(0), tiers };
}

/** A rate alone, or a base with steps. Sorted by threshold; the base is above 0. */
function readSteps(value: unknown, power: number, place: { field: string; unread: Set<string> }): Step[] {
  const { field } = place;
  if (value instanceof Decimal) return [{ above: 0, rate: readRate(value, power, place) }];
  if (!isRecord(value) || !(value.base instanceof Decimal) || !Array.isArray(value.tiers)) {
    throw new EntryFault(`${field} must be a number, or a base with tiers`);
  }
  const steps = [{ above: 0, rate: readRate(value.base, power, place) }];
  for (const tier of value.tiers as unknown[]) {
    if (!isRecord(tier) || !(tier.start instanceof Decimal) || !(tier.price instanceof Decimal)) {
      throw new EntryFault(`${field}.tiers must give a start and a price, each a number`);
    }
    const above = scaled(tier.start, 0);
    if (above === undefined || !Number.isSafeInteger(above) || above <= 0) {
      throw new EntryFault(
        `${field}.tiers has the start ${tier.start.text}; it must be a whole number above 0`,
      );
    }
    steps.push({ above, rate: readRate(tier.price, power, place) });
  }
  return steps.sort((a, b) => a.above - b.above);
}
