import type { ContentColumn, DimensionColumn } from './columns.ts';

/** Where the cost of an event is from: the event itself, the price table, or nowhere, as it is not known. */
export const costSources = ['given', 'table', 'none'] as const;
export type CostSource = (typeof costSources)[number];

/** How an event that does not say its cost is priced from the price table. */
export interface Pricing {
  /**
   * The columns that choose a price, by what a price is for. Prices for a provider alone apply to all of its events,
   * prices with a pipeline or an operation to fewer. A type has no narrower prices than it has columns here.
   */
  scope: { provider: DimensionColumn; pipeline?: DimensionColumn; operation?: DimensionColumn };
  /**
   * The columns that the parts of a price are multiplied with; each event counts as one call besides. A price by a
   * quantity that the type or the event lacks gives no cost.
   */
  quantities: Partial<Record<PricedQuantity, ContentColumn>>;
}

/** What prices go by, beside the event itself. A duration is in microseconds. */
export type PricedQuantity = 'duration' | 'inputTokens' | 'outputTokens';
