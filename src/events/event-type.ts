import { type ContentColumn, type DimensionColumn, dimensionColumns, type RowColumn } from './columns.ts';
import type { Field, Stored } from './field.ts';

/** One row on its way into storage, by column. */
export type Row = Partial<Record<RowColumn, Stored>>;

/**
 * What a type's `value` column measures: a time in microseconds, of which a sketch is kept, or an amount
 * of money in ten-thousandths of a cent.
 */
export interface ValueMeasure {
  name: string;
  kind: 'duration' | 'amount';
}

/** The rows an event carries inside it, such as the lines of an order. */
export interface LinesOf {
  /** The field that holds them, an array of objects. */
  field: string;
  type: EventType;
  maxLines: number;
  /** Columns each line takes over from the event around it. */
  inherits: readonly ContentColumn[];
}

/** The one declarative definition of an event type, from which everything about it derives. */
export interface EventType {
  type: string;
  title: string;
  about: string;
  /** What its metric names start with: `usage` gives `usage.error_rate`. */
  metricPrefix: string;
  fields: Record<string, Field>;
  value?: ValueMeasure;
  /** The statuses that count as errors; none for a type that cannot fail. */
  failures: readonly string[];
  /** The statuses of what neither succeeded nor failed: no part of the error rate and the success rate. */
  undecided?: readonly string[];
  /** The last `quantity` of a bucket stands, and quantities are not added up. */
  gauge?: true;
  lines?: LinesOf;
  /**
   * Milliseconds for which rollups of hours and quarter hours are kept, where that is longer than for most types:
   * a day of any zone is made of them, also one of last year.
   */
  fineKeep?: number;
  /** Dimensions that no field of its own holds: derived, or taken over from the event around it. */
  derivedDimensions?: readonly DimensionColumn[];
  /** Fills the columns that follow from others, once all fields are read. */
  derive?(row: Row, lines: readonly Row[]): void;
  /** Only Tidemark itself writes it; an event sent with this type is refused. */
  internal?: true;
  /** It has no events of its own: its rollups are counted from those of other types. */
  derived?: true;
}

/** The dimensions by which the rollups of a type are kept apart, in column order. */
export function dimensionsOf(definition: EventType): DimensionColumn[] {
  const used = new Set<RowColumn>(definition.derivedDimensions);
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
    names.push(definition.value.name, `${definition.value.name}_avg`);
  }
  for (const column of [
    'input_tokens',
    'output_tokens',
    'cached_input_tokens',
    'cost',
    'quantity',
  ] as const) {
    if (columns.has(column)) names.push(column);
  }
  return names;
}

/** The names under which a type's numbers can be asked for and watched, such as `usage.latency_p95`. */
export function metricsOf(definition: EventType): string[] {
  return metricNamesFor(definition).map((name) => `${definition.metricPrefix}.${name}`);
}
