import { pricedTypes } from '../events/catalogue.ts';
import type { Row } from '../events/event-type.ts';
import type { CostSource, Pricing } from '../events/pricing.ts';
import { usage } from '../events/types/usage.ts';
import { computeCost } from '../prices/cost.ts';
import type { Prices } from '../prices/current-prices.ts';
import { callCost } from '../prices/models/call-cost.ts';
import type { ModelBook } from '../prices/models/model-book.ts';
import type { PriceScope } from '../prices/price.ts';
import type { PriceBook } from '../prices/price-book.ts';

const pricingByType: ReadonlyMap<unknown, Pricing> = new Map(
  pricedTypes.map(({ type, pricing }) => [type, pricing]),
);

/** Whether a row is of a type with costs and does not say its cost. */
export function isUnpriced(row: Row): boolean {
  return row.cost_source === ('none' satisfies CostSource);
}

/**
 * The row with its cost by the price in force when the event happened. The row itself when it needs no cost or has no
 * price. Pure.
 */
export function priceRow(row: Row, { jobs, calls }: Prices): Row {
  if (!isUnpriced(row)) return row;
  const cost = row.type === usage.type ? costOfCall(row, calls) : costOfJob(row, jobs);
  return cost === undefined ? row : { ...row, cost, cost_source: 'table' satisfies CostSource };
}

function costOfCall(row: Row, calls: ModelBook): number | undefined {
  const price = calls.inForce({
    provider: textIn(row, 'provider'),
    model: String(row.model_id),
    serviceTier: textIn(row, 'service_tier'),
    at: Number(row.occurred_at) / 1_000,
  });
  return (
    price &&
    callCost(price, {
      input: numberIn(row, 'input_tokens'),
      output: numberIn(row, 'output_tokens'),
      cacheRead: numberIn(row, 'cached_input_tokens') ?? 0,
      cacheWrite: numberIn(row, 'cache_write_tokens') ?? 0,
      cacheWriteHour: numberIn(row, 'cache_write_hour_tokens') ?? 0,
      reasoning: numberIn(row, 'reasoning_tokens') ?? 0,
      duration: numberIn(row, 'value'),
      images: numberIn(row, 'quantity'),
    })
  );
}

function costOfJob(row: Row, jobs: PriceBook): number | undefined {
  const pricing = pricingByType.get(row.type);
  const scope = pricing && scopeOf(row, pricing);
  const price = scope && jobs.inForce(scope, Number(row.occurred_at) / 1_000);
  if (!price) return undefined;
  const { duration, inputTokens, outputTokens } = pricing.quantities;
  return computeCost(price, {
    duration: numberIn(row, duration),
    inputTokens: numberIn(row, inputTokens),
    outputTokens: numberIn(row, outputTokens),
  });
}

/** What the prices of a job are for; `undefined` without a provider, as every price has one. */
function scopeOf(row: Row, { scope }: Pricing): PriceScope | undefined {
  const provider = textIn(row, scope.provider);
  if (provider === null) return undefined;
  return { provider, pipeline: textIn(row, scope.pipeline), operation: textIn(row, scope.operation) };
}

function textIn(row: Row, column: keyof Row | undefined): string | null {
  const value = column && row[column];
  return value === undefined ? null : String(value);
}

function numberIn(row: Row, column: keyof Row | undefined): number | undefined {
  const value = column && row[column];
  return value === undefined ? undefined : Number(value);
}
