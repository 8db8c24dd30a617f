import { type ContentColumn, type DimensionColumn, dimensionColumns, type RowColumn } from './columns.ts';
import type { Field, Stored } from './field.ts';
import type { Pricing } from './pricing.ts';

/** One row on its way into storage, by column. */
export type Row = Partial<Record<RowColumn, Stored>>;

/**
 * What the `value` column of a type measures. A duration is in microseconds, and gets a sketch for percentiles. An amount
 * of money is in ten-thousandths of a minor unit, such as the cent.
 */
export interface ValueMeasure {
  name: string;
  kind: 'duration' | 'amount';
  /** An amount whose events have a sketch bin, so that it has percentiles. */
  sketched?: true;
}

/** The rows an event carries inside it, such as the lines of an order. */
export interface LinesOf {
  /** The field that holds the lines, an array of objects. */
  field: string;
  type: EventType;
  maxLines: number;
  /** The field that may be sent in place of the lines. */
  unless?: string;
  /** Columns that each line copies from the event around it. */
  inherits: readonly ContentColumn[];
}

/** The definition of an event type. Validation, storage, rollups, metrics and documentation follow from it. */
export interface EventType {
  type: string;
  title: string;
  about: string;
  /** The start of its metric names: `usage` gives `usage.error_rate`. */
  metricPrefix: string;
  fields: Record<string, Field>;
  value?: ValueMeasure;
  /** The statuses that count as errors; empty for a type that cannot fail. */
  failures: readonly string[];
  /** The statuses that are neither success nor failure. Error rate and success rate leave them out. */
  undecided?: readonly string[];
  /** Its `quantity` is a level: a bucket keeps the last one, and quantities are not added up. */
  gauge?: true;
  lines?: LinesOf;
  /**
   * Milliseconds for which rollups of hours and quarter hours are kept, if longer than for most types. Days in any time
   * zone are made of them, also days of last year.
   */
  fineKeep?: number;
  /**
   * Its `cost` column may be empty. Such a type has the dimension `cost_source`, which tells events of unknown cost from
   * those that cost nothing.
   */
  mayLackCost?: true;
  /** How an event without a cost is priced. */
  pricing?: Pricing;
  /**
   * Dimensions that the type got when it already had series. The name of a series has them only where they have a value,
   * so that older series keep their names, and with them their numbers.
   */
  laterDimensions?: readonly DimensionColumn[];
  /** Dimensions that are no field of the type: derived from other fields, or copied from the event around it. */
  derivedDimensions?: readonly DimensionColumn[];
  /** A fault of fields or lines that are right one by one, but contradict each other. */
  check?(row: Row, lines: readonly Row[]): { field: string; message: string } | undefined;
  /** Fills the columns that follow from other columns, once all fields are read. */
  derive?(row: Row, lines: readonly Row[]): void;
  /**
   * The rows to store, if they are not those that were sent. The payload hash is of those that were sent, so it does
   * not depend on how they are settled.
   */
  settle?(rows: readonly Row[]): readonly Row[];
  /**
   * Names what only one event of the org may be, such as the completion of an order. Another event of that name is a
   * conflict, whatever its id.
   */
  once?(row: Row): string | undefined;
  /** Only Tidemark writes events of this type; one that a caller sends is refused. */
  internal?: true;
  /** It has no events of its own. Its rollups are counted from events of other types. */
  derived?: true;
}

/** A type whose events are priced. */
export type PricedType = EventType & { pricing: Pricing };

export function isPriced(definition: EventType): definition is PricedType {
  return definition.pricing !== undefined;
}

/** The dimensions of a type's rollups, in column order. */
export function dimensionsOf(definition: EventType): DimensionColumn[] {
  const used = new Set<RowColumn>(definition.derivedDimensions);
  if (definition.mayLackCost) used.add('cost_source');
  for (const field of Object.values(definition.fields)) {
    if (field.dimension && field.column) used.add(field.column);
  }
  return dimensionColumns.filter((column) => used.has(column));
}

function metricNamesFor(definition: EventType): string[] {
  const columns = new Set(Object.values(definition.fields).map((field) => field.column));
  const names = ['count'];
  if (definition.failures.length > 0) names.push('errors', 'error_rate', 'success_rate');
  if (definition.value?.kind === 'duration') {
    names.push(
      ...['avg', 'min', 'max', 'p50', 'p95', 'p99'].map((part) => `${definition.value?.name}_${part}`),
    );
  } else if (definition.value) {
    const { name, sketched } = definition.value;
    names.push(name, `${name}_avg`);
    if (sketched) names.push(...['min', 'max', 'p50', 'p95', 'p99'].map((part) => `${name}_${part}`));
  }
  for (const column of [
    'input_tokens',
    'output_tokens',
    'cached_input_tokens',
    'cache_write_tokens',
    'reasoning_tokens',
    'cost',
    'quantity',
  ] as const) {
    // Images of a call are in the column, and are not its quantity.
    if (columns.has(column) && (column !== 'quantity' || !definition.mayLackCost)) names.push(column);
  }
  return names;
}

/** The names of a type's metrics in queries and rules, such as `usage.latency_p95`. */
export function metricsOf(definition: EventType): string[] {
  return metricNamesFor(definition).map((name) => `${definition.metricPrefix}.${name}`);
}
