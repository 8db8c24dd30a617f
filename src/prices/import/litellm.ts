import { CodedError } from '../../errors.ts';
import { Decimal, isRecord, parseDecimals } from './decimal-json.ts';
import {
  EntryFault,
  type ImportedList,
  type ImportedPrice,
  type PriceTier,
  type RateName,
  type Rates,
  readRate,
} from './model-price.ts';

const MODES = new Set(['chat', 'completion', 'responses', 'embedding']);

const RATES = new Map<string, { name: RateName; power: number }>([
  ['input_cost_per_token', { name: 'usdPerMillionInputTokens', power: 6 }],
  ['output_cost_per_token', { name: 'usdPerMillionOutputTokens', power: 6 }],
  ['cache_read_input_token_cost', { name: 'usdPerMillionCacheReadTokens', power: 6 }],
  ['cache_creation_input_token_cost', { name: 'usdPerMillionCacheWriteTokens', power: 6 }],
  ['cache_creation_input_token_cost_above_1hr', { name: 'usdPerMillionCacheWriteHourTokens', power: 6 }],
  ['output_cost_per_reasoning_token', { name: 'usdPerMillionReasoningTokens', power: 6 }],
  ['input_cost_per_request', { name: 'usdPerCall', power: 0 }],
  // Of models of text, LiteLLM multiplies it with the time of the answer.
  ['input_cost_per_second', { name: 'usdPerSecond', power: 0 }],
  ['input_cost_per_image', { name: 'usdPerImage', power: 0 }],
]);

/** `input_cost_per_token_above_200k_tokens_priority`: a rate, a threshold in thousands and a service tier. */
const FIELD = /^(.+?)(?:_above_(\d{1,5})k_tokens)?(?:_(batches|flex|priority))?$/;
const SERVICE_TIERS: Record<string, string> = { batches: 'batch', flex: 'flex', priority: 'priority' };

/** LiteLLM names routes to a provider apart. Its prices are those of one provider. */
const PROVIDERS: Record<string, string> = {
  azure_text: 'azure',
  bedrock_converse: 'bedrock',
  cohere_chat: 'cohere',
  'text-completion-openai': 'openai',
};

/** Rates by threshold of input tokens; 0 is the base. */
type Card = Map<number, Rates>;

/**
 * Reads the prices of `model_prices_and_context_window.json` of BerriAI/litellm. Pure.
 * The list has no history, so its prices begin with the import.
 * @param effectiveFrom moment of the import, ISO 8601
 * @throws {CodedError} `invalid_request` when the text is not such a list
 */
export function readLitellmPrices(text: string, effectiveFrom: string): ImportedList {
  const models = parseDecimals(text);
  if (!isRecord(models)) {
    const expected = 'an object of models, as model_prices_and_context_window.json of LiteLLM is';
    throw new CodedError('invalid_request', `the file is not ${expected}`);
  }
  const list: ImportedList = { prices: [], skipped: [], partial: [] };
  const claimed = new Set<string>();
  for (const [key, entry] of Object.entries(models)) {
    if (key === 'sample_spec') continue;
    try {
      const unread = new Set<string>();
      const prices = readEntry(key, entry, unread).map((price) => ({ ...price, effectiveFrom }));
      const name = `${prices[0]?.provider}\0${prices[0]?.model}`.toLowerCase();
      if (claimed.has(name)) throw new EntryFault('is the same provider and model as an earlier key');
      claimed.add(name);
      list.prices.push(...prices);
      if (unread.size > 0)
        list.partial.push({ name: key, reason: `not imported: ${[...unread].sort().join(', ')}` });
    } catch (error) {
      if (!(error instanceof EntryFault)) throw error;
      list.skipped.push({ name: key, reason: error.message });
    }
  }
  return list;
}

function readEntry(key: string, entry: unknown, unread: Set<string>): Omit<ImportedPrice, 'effectiveFrom'>[] {
  if (!isRecord(entry)) throw new EntryFault('must be an object');
  const { litellm_provider: route, mode } = entry;
  if (typeof mode !== 'string') throw new EntryFault('has no mode');
  if (!MODES.has(mode)) throw new EntryFault(`has the mode ${mode}`);
  if (typeof route !== 'string' || route === '') throw new EntryFault('has no litellm_provider');
  if (entry.tiered_pricing !== undefined) throw new EntryFault('has tiered_pricing, which is not read');
  const cards = readCards(entry, unread);
  const standard = cards.get('');
  const base = standard?.get(0);
  if (standard === undefined || base === undefined) throw new EntryFault('has no price by tokens or calls');
  // The list writes 0 for models whose price it does not know, and an unknown price must not count as free.
  if (Object.values(base).every((rate) => rate === 0)) throw new EntryFault('has only prices of 0');
  // LiteLLM goes by the time of an answer only if it has no price of the prompt's tokens.
  for (const rates of [...cards.values()].flatMap((card) => [...card.values()])) {
    if (!base.usdPerMillionInputTokens || rates.usdPerSecond === undefined) continue;
    delete rates.usdPerSecond;
    unread.add('input_cost_per_second');
  }
  const provider = providerOf(route);
  const model = modelOf(key, [route, provider]);
  return [...cards].map(([serviceTier, card]) => ({
    provider,
    model,
    ...(serviceTier === '' ? {} : { serviceTier }),
    ...(serviceTier === '' ? flatten(card, {}) : flatten(card, base)),
  }));
}

/** The rates by service tier; '' is the standard one. */
function readCards(entry: Record<string, unknown>, unread: Set<string>): Map<string, Card> {
  const cards = new Map<string, Card>();
  for (const [field, value] of Object.entries(entry)) {
    if (!/cost/.test(field) || value === null) continue;
    const [, part = '', thousands = '0', tier = ''] = FIELD.exec(field) ?? [];
    const known = RATES.get(part);
    if (known === undefined) {
      unread.add(field);
      continue;
    }
    if (!(value instanceof Decimal)) throw new EntryFault(`${field} must be a number`);
    const serviceTier = SERVICE_TIERS[tier] ?? '';
    const card: Card = cards.get(serviceTier) ?? new Map<number, Rates>();
    const threshold = Number(thousands) * 1_000;
    card.set(threshold, {
      ...card.get(threshold),
      [known.name]: readRate(value, known.power, { field, unread }),
    });
    cards.set(serviceTier, card);
  }
  return cards;
}

/** A rate that a step does not give is that of the step below it; below the first, that of the standard tier. */
function flatten(card: Card, standard: Rates): Rates & { tiers?: PriceTier[] } {
  let rates: Rates = { ...standard, ...card.get(0) };
  const base = rates;
  const tiers: PriceTier[] = [];
  for (const [threshold, step] of [...card].sort(([a], [b]) => a - b)) {
    if (threshold === 0) continue;
    rates = { ...rates, ...step };
    tiers.push({ aboveInputTokens: threshold, ...rates });
  }
  return tiers.length === 0 ? base : { ...base, tiers };
}

function providerOf(route: string): string {
  return PROVIDERS[route] ?? (route.startsWith('vertex_ai-') ? 'vertex_ai' : route);
}

/** The key without the provider before it: `groq/openai/gpt-oss-20b` of groq is `openai/gpt-oss-20b`. */
function modelOf(key: string, providers: readonly string[]): string {
  const prefix = providers.find((provider) => key.startsWith(`${provider}/`));
  const model = prefix === undefined ? key : key.slice(prefix.length + 1);
  if (model === '') throw new EntryFault('names no model');
  return model;
}
