import { NANODOLLARS_PER_DOLLAR } from '../../events/field.ts';
import { usage } from '../../events/types/usage.ts';
import type { ModelBook } from '../../prices/models/model-book.ts';
import {
  isByUnitsAlone,
  type ModelPrice,
  type TokenRate,
  tokenRates,
  type UnitRate,
  unitRates,
} from '../../prices/models/model-price.ts';
import type { PricePeriod } from '../../prices/price-periods.ts';
import { costBy, type Repricing } from './repricing.ts';

const COLUMNS: Record<TokenRate | UnitRate, string> = {
  usdPerMillionInputTokens: 'usd_input',
  usdPerMillionOutputTokens: 'usd_output',
  usdPerMillionCacheReadTokens: 'usd_cache_read',
  usdPerMillionCacheWriteTokens: 'usd_cache_write',
  usdPerMillionCacheWriteHourTokens: 'usd_cache_write_hour',
  usdPerMillionReasoningTokens: 'usd_reasoning',
  usdPerCall: 'usd_per_call',
  usdPerSecond: 'usd_per_second',
  usdPerImage: 'usd_per_image',
};

/** The sums of a row do not tell its cost: some calls may be in a higher tier, or lack what the price goes by. */
const TOKENS_MISSING = `not coalesce(p.by_units, false)
  and (coalesce(r.input_tokens, 0) > p.input_up_to or coalesce(r.without_usage, 0) not in (0, r.count))`;
const LATENCY_MISSING = 'p.usd_per_second is not null and coalesce(r.without_value, 0) not in (0, r.count)';
const IMAGES_MISSING = 'p.usd_per_image is not null and p.by_units';

/** Dollars for a million tokens times tokens, in nano-dollars. */
const PER_TOKEN = NANODOLLARS_PER_DOLLAR / 1_000_000;
/** Dollars for a second times microseconds, in nano-dollars. */
const PER_MICROSECOND = NANODOLLARS_PER_DOLLAR / 1_000_000;

/**
 * Prices model calls again, by model, provider and service tier. A price with tiers has a stretch for each of them, which
 * is for the calls whose prompts have more than `input_above` and at most `input_up_to` tokens.
 * @param only the calls of this provider, and to this model or to another name of it
 */
export function callRepricing(
  book: ModelBook,
  only: { provider?: string | undefined; model?: string | undefined },
): Repricing {
  const { provider: onlyProvider = null, model: onlyModel = null } = only;
  const isWanted = (provider: string | null, model: string) =>
    (onlyProvider === null || provider === onlyProvider.toLowerCase()) &&
    (onlyModel === null || model === onlyModel);
  return {
    definition: usage,
    scope: ['model_id', 'provider', 'service_tier'],
    rates: `input_above bigint, input_up_to bigint, by_units boolean,
      ${[...tokenRates, ...unitRates].map((rate) => `${COLUMNS[rate]} numeric`).join(', ')}`,
    matchesEvent: `coalesce(e.input_tokens, 0) > p.input_above
      and (p.input_up_to is null or coalesce(e.input_tokens, 0) <= p.input_up_to)`,
    // The rates below all tiers. They are right if even the sum of all prompts is within them.
    matchesRow: 'p.input_above = -1',
    eventCost: costBy(callCostSql('e', { calls: '1', micros: 'e.value' }), '1'),
    rowCost: costBy(callCostSql('r', { calls: 'r.count', micros: 'r.value_sum' }), 'r.count'),
    rowKeeps: `coalesce(p.has_price, false) and (${[TOKENS_MISSING, LATENCY_MISSING, IMAGES_MISSING].join(' or ')})`,
    stretches: ([model, provider = null, serviceTier = null], range) => {
      if (model == null) return undefined;
      const scope = book.scopeOf(provider, model);
      if (!isWanted(provider, model) && !(scope && isWanted(scope.provider, scope.model))) return undefined;
      return book.periodsIn({ model, provider, serviceTier }, range).flatMap(stretchesOf);
    },
  };
}

function stretchesOf({ start, end, price }: PricePeriod<ModelPrice>): object[] {
  const times = { starts: new Date(start), ends: new Date(end), has_price: price !== undefined };
  const tiers = price?.tiers ?? [];
  return [undefined, ...tiers].map((tier, index) => ({
    ...times,
    input_above: tier?.aboveInputTokens ?? -1,
    input_up_to: tiers[index]?.aboveInputTokens ?? null,
    by_units: price !== undefined && isByUnitsAlone(price),
    ...ratesOf(tokenRates, tier ?? price),
    ...ratesOf(unitRates, price),
  }));
}

function ratesOf<R extends TokenRate | UnitRate>(
  names: readonly R[],
  rates: Readonly<Record<R, number | null>> | undefined,
): object {
  return Object.fromEntries(names.map((name) => [COLUMNS[name], rates?.[name] ?? null]));
}

/** The same as `callCost`, of one event or of the sums of a row. A sum is rounded once, not call by call. */
function callCostSql(row: string, { calls, micros }: { calls: string; micros: string }): string {
  const tokens = (column: string) => `coalesce(${row}.${column}, 0)`;
  const [input, output] = [tokens('input_tokens'), tokens('output_tokens')];
  const [read, write] = [tokens('cached_input_tokens'), tokens('cache_write_tokens')];
  const [write1h, reasoning] = [tokens('cache_write_hour_tokens'), tokens('reasoning_tokens')];
  const charge = (count: string, rate: string) =>
    `case when ${count} = 0 then 0 else (${count}) * ${rate} end`;
  const charges = [
    charge(`${input} - ${read} - ${write}`, 'p.usd_input'),
    charge(read, 'coalesce(p.usd_cache_read, p.usd_input)'),
    charge(`${write} - ${write1h}`, 'coalesce(p.usd_cache_write, p.usd_input)'),
    charge(write1h, 'coalesce(p.usd_cache_write_hour, p.usd_cache_write, p.usd_input)'),
    charge(`${output} - ${reasoning}`, 'p.usd_output'),
    charge(reasoning, 'coalesce(p.usd_reasoning, p.usd_output)'),
  ];
  const byTokens = `case when p.by_units then 0
      when ${row}.input_tokens is null and ${row}.output_tokens is null
      then case when p.usd_input is null and p.usd_output is null then 0 end
      else (${charges.join(' + ')}) * ${PER_TOKEN} end`;
  const bySeconds = `case when p.usd_per_second is null then 0 else ${micros} * p.usd_per_second * ${PER_MICROSECOND} end`;
  const images = `case when p.by_units then ${row}.quantity else ${tokens('quantity')} end`;
  const byImages = `case when p.usd_per_image is null then 0 else ${images} * p.usd_per_image end`;
  return `round(${byTokens} + ${bySeconds})
    + (${byImages} + coalesce(p.usd_per_call, 0) * ${calls}) * ${NANODOLLARS_PER_DOLLAR}`;
}
