import type { Row } from '../events/event-type.ts';
import { type CostSource, mlJob } from '../events/types/ml-job.ts';
import { costOfJob } from '../prices/cost-of-job.ts';
import type { PriceBook } from '../prices/price-book.ts';

/** Whether a row is of a job that does not say what it cost. */
export function isUnpriced(row: Row): boolean {
  return row.type === mlJob.type && row.cost_source === ('none' satisfies CostSource);
}

function textOf(value: Row[keyof Row]): string | null {
  return value === undefined ? null : String(value);
}

function numberOf(value: Row[keyof Row]): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/**
 * The row with its cost by the price that was in force when the job happened; the row itself where it needs
 * none or no price is known. Pure.
 */
export function priceRow(row: Row, book: PriceBook): Row {
  if (!isUnpriced(row)) return row;
  const job = {
    provider: String(row.provider),
    pipeline: textOf(row.pipeline),
    operation: textOf(row.operation),
  };
  const price = book.inForce(job, Number(row.occurred_at) / 1_000);
  const cost =
    price &&
    costOfJob(price, {
      duration: Number(row.value),
      inputTokens: numberOf(row.input_tokens),
      outputTokens: numberOf(row.output_tokens),
    });
  return cost === undefined ? row : { ...row, cost, cost_source: 'table' satisfies CostSource };
}
