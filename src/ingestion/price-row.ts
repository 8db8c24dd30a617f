import { pricedTypes } from '../events/catalogue.ts';
import type { Row } from '../events/event-type.ts';
import type { CostSource, Pricing } from '../events/pricing.ts';
import { computeCost } from '../prices/cost.ts';
import type { PriceScope } from '../prices/price.ts';
import type { PriceBook } from '../prices/price-book.ts';

const pricingByType: ReadonlyMap<unknown, Pricing> = new Map(
  pricedTypes.map(({ type, pricing }) => [type, pricing]),
);

/** Whether a row is of a priced type and does not say its cost. */
export function isUnpriced(row: Row): boolean {
  return row.cost_source === ('none' satisfies CostSource);
}

/**
 * The row with its cost by the price in force when the event happened. The row itself when it needs no cost or has no
 * price. Pure.
 */
export function priceRow(row: Row, book: PriceBook): Row {
  const pricing = isUnpriced(row) ? pricingByType.get(row.type) : undefined;
  const scope = pricing && scopeOf(row, pricing);
  const price = scope && book.inForce(scope, Number(row.occurred_at) / 1_000);
  if (!price) return row;
  const { duration, inputTokens, outputTokens } = pricing.quantities;
  const cost = computeCost(price, {
    duration: numberIn(row, duration),
    inputTokens: numberIn(row, inputTokens),
    outputTokens: numberIn(row, outputTokens),
  });
  return cost === undefined ? row : { ...row, cost, cost_source: 'table' satisfies CostSource };
}

/** What the prices of a row are for; `undefined` without a provider, as every price has one. */
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
