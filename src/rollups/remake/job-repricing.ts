import type { PricedType } from '../../events/event-type.ts';
import { costSql } from '../../prices/cost.ts';
import type { PriceBook } from '../../prices/price-book.ts';
import { costBy, type Repricing } from './repricing.ts';

/**
 * Prices jobs again, by provider, pipeline and operation.
 * @param only the jobs of this provider; of all unless given
 */
export function jobRepricing(
  definition: PricedType,
  book: PriceBook,
  { provider: only }: { provider?: string | undefined },
): Repricing {
  const { scope, quantities } = definition.pricing;
  const columns = [scope.provider, scope.pipeline, scope.operation].flatMap((column) => column ?? []);
  const sumsOf = (name: (column: string) => string) =>
    Object.fromEntries(Object.entries(quantities).map(([quantity, column]) => [quantity, name(column)]));
  const ofRow = sumsOf((column) => `r.${column === 'value' ? 'value_sum' : column}`);
  return {
    definition,
    scope: columns,
    rates: `cents_per_job numeric, cents_per_second numeric,
      cents_per_million_input_tokens numeric, cents_per_million_output_tokens numeric`,
    matchesEvent: 'true',
    matchesRow: 'true',
    eventCost: costBy(costSql('p', { ...sumsOf((column) => `e.${column}`), events: '1' }), '1'),
    rowCost: costBy(costSql('p', { ...ofRow, events: 'r.count' }), 'r.count'),
    rowKeeps: 'false',
    stretches: ([provider, pipeline = null, operation = null], range) => {
      if (provider == null) return undefined;
      if (only !== undefined && provider.toLowerCase() !== only.toLowerCase()) return undefined;
      return book.periodsIn({ provider, pipeline, operation }, range).map(({ start, end, price }) => ({
        starts: new Date(start),
        ends: new Date(end),
        has_price: price !== undefined,
        cents_per_job: price?.centsPerJob,
        cents_per_second: price?.centsPerSecond,
        cents_per_million_input_tokens: price?.centsPerMillionInputTokens,
        cents_per_million_output_tokens: price?.centsPerMillionOutputTokens,
      }));
    },
  };
}
