import { catalogue } from '../../events/catalogue.ts';
import type { DimensionColumn } from '../../events/columns.ts';
import { dimensionsOf, type EventType, metricsOf } from '../../events/event-type.ts';
import type { Unit } from '../../notifications/notice/notice.ts';
import type { Spread } from './spread.ts';

/**
 * How the metric is computed from the rollups. A `sum` grows with the length of its window, and is 0 if nothing
 * happened. `ratio`, `average`, `extreme`, `percentile` and `last` have no value if nothing happened.
 */
export type Kind =
  | 'sum'
  | 'ratio'
  | 'average'
  | 'extreme'
  | 'percentile'
  | 'last'
  | 'freshness'
  | 'service'
  | 'prometheus';

/** A metric that a rule can watch. */
export interface WatchableMetric {
  /** Such as `usage.error_rate`. */
  name: string;
  about: string;
  unit: Unit;
  /** The bounds of its values; `null`: there is none. */
  min: number | null;
  max: number | null;
  kind: Kind;
  /** The event type it is counted from; none for `freshness.lag_seconds`, `service.…` and `prometheus`. */
  definition: EventType | undefined;
  /** The name without the prefix of the type: `error_rate`, `latency_p95`. */
  part: string;
  /** Whether an anomaly rule judges the logarithm, because the values spread over powers of ten. */
  logScale: boolean;
}

type Described = Pick<WatchableMetric, 'about' | 'unit' | 'kind'> & { logScale?: true };

const byName: Record<string, Described> = {
  count: { about: 'Number of events', unit: 'count', kind: 'sum' },
  errors: { about: 'Number of failed events', unit: 'count', kind: 'sum' },
  error_rate: {
    about: 'Share of failed events, among those that failed or succeeded',
    unit: 'ratio',
    kind: 'ratio',
  },
  success_rate: {
    about: 'Share of successful events, among those that failed or succeeded',
    unit: 'ratio',
    kind: 'ratio',
  },
  input_tokens: { about: 'Tokens of the prompts', unit: 'tokens', kind: 'sum' },
  output_tokens: { about: 'Tokens of the answers', unit: 'tokens', kind: 'sum' },
  cached_input_tokens: { about: 'Prompt tokens served from a cache', unit: 'tokens', kind: 'sum' },
  cache_write_tokens: { about: 'Prompt tokens written to a cache', unit: 'tokens', kind: 'sum' },
  reasoning_tokens: { about: 'Tokens of the reasoning', unit: 'tokens', kind: 'sum' },
  cost: { about: 'Cost', unit: 'cents', kind: 'sum', logScale: true },
  quantity: { about: 'Number of pieces', unit: 'count', kind: 'sum' },
};

const STATISTICS: Record<string, Pick<Described, 'about' | 'kind'>> = {
  avg: { about: 'mean', kind: 'average' },
  min: { about: 'minimum', kind: 'extreme' },
  max: { about: 'maximum', kind: 'extreme' },
  p50: { about: 'median', kind: 'percentile' },
  p95: { about: '95th percentile', kind: 'percentile' },
  p99: { about: '99th percentile', kind: 'percentile' },
};

function describe({ value, gauge }: EventType, part: string): Described | undefined {
  if (gauge && part === 'quantity') return { about: 'Last reported level', unit: 'count', kind: 'last' };
  if (part === value?.name) return { about: `Sum of the ${value.name}`, unit: 'cents', kind: 'sum' };
  if (value && part.startsWith(`${value.name}_`)) {
    const statistic = STATISTICS[part.slice(value.name.length + 1)];
    if (!statistic) return undefined;
    const about = `The ${value.name}: ${statistic.about}`;
    if (value.kind === 'amount') return { about, unit: 'cents', kind: statistic.kind };
    return { about, unit: 'milliseconds', kind: statistic.kind, logScale: true };
  }
  return byName[part];
}

function ofType(definition: EventType): WatchableMetric[] {
  return metricsOf(definition).flatMap((name) => {
    const part = name.slice(definition.metricPrefix.length + 1);
    const described = describe(definition, part);
    if (!described) return [];
    const { about, unit, kind } = described;
    // An amount can be negative, such as a refund or a discount.
    const min = unit === 'cents' && part !== 'cost' ? null : kind === 'last' ? null : 0;
    const max = unit === 'ratio' ? 1 : null;
    const logScale = described.logScale ?? false;
    return [
      { name, about: `${about} (${definition.title})`, unit, min, max, kind, definition, part, logScale },
    ];
  });
}

const freshness: WatchableMetric = {
  name: 'freshness.lag_seconds',
  about: 'How far the numbers are behind the stored events',
  unit: 'seconds',
  min: 0,
  max: null,
  kind: 'freshness',
  definition: undefined,
  part: 'lag_seconds',
  logScale: false,
};

function ofService(part: string, about: string, unit: Unit): WatchableMetric {
  return {
    name: `service.${part}`,
    about,
    unit,
    min: 0,
    max: null,
    kind: 'service',
    definition: undefined,
    part,
    logScale: false,
  };
}

/** The metrics of the service itself. */
const service = [
  ofService(
    'evaluation_lag_seconds',
    'How long the most overdue alert rule has been due; built-in rules do not count',
    'seconds',
  ),
  ofService(
    'failing_rules',
    'Enabled alert rules that could not be evaluated five times in a row; built-in rules do not count',
    'count',
  ),
  ofService('outbox_oldest_seconds', 'How long the oldest unsent notice has been due', 'seconds'),
  ofService(
    'failed_notices',
    'Notices that were given up within the window or failed at least three times; those of built-in rules do not count',
    'count',
  ),
  ofService(
    'export_schedule_failures',
    'The most failures in a row of an export schedule, of closing a month or of writing its files',
    'count',
  ),
  ofService(
    'month_overdue_seconds',
    'How long the most overdue month of an export schedule has been due without being closed and written',
    'seconds',
  ),
  ofService('quota_share', 'The largest share that an org uses of a quota; 1 means all of it', 'ratio'),
];

const prometheus: WatchableMetric = {
  name: 'prometheus',
  about: 'The result of a PromQL expression, with one alert for each series; only for admins',
  unit: 'any',
  min: null,
  max: null,
  kind: 'prometheus',
  definition: undefined,
  part: 'expression',
  logScale: false,
};

/** Every metric that a rule can watch, by name. */
export const watchableMetrics: ReadonlyMap<string, WatchableMetric> = new Map(
  [...catalogue.flatMap(ofType), freshness, ...service, prometheus].map((metric) => [metric.name, metric]),
);

/** Whether the metric is a gauge of the moment, without any stored past. */
export function isOfTheMoment({ kind }: WatchableMetric): boolean {
  return kind === 'freshness' || kind === 'service';
}

/** How the values of a metric spread, for anomaly rules. */
export function spreadOf({ kind, unit, logScale }: WatchableMetric): Spread {
  return {
    log: logScale,
    chance: kind === 'sum' && unit === 'count' ? 'count' : kind === 'ratio' ? 'share' : null,
  };
}

/** The name of a dimension in rules: `modelId` for `model_id`. */
function dimensionName(column: DimensionColumn): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The dimensions of a metric, by their names in rules. */
export function dimensionsOfMetric({ definition }: WatchableMetric): ReadonlyMap<string, DimensionColumn> {
  return new Map(definition ? dimensionsOf(definition).map((column) => [dimensionName(column), column]) : []);
}

/** Whether the events of a metric have labels: their own, or those of the event that they are lines of. */
export function hasLabels({ definition }: WatchableMetric): boolean {
  if (definition === undefined) return false;
  return (
    definition.fields.labels !== undefined ||
    catalogue.some(({ lines }) => lines?.type === definition && lines.inherits.includes('labels'))
  );
}

/** The dimensions that a rule over a metric can filter and group by. */
export function dimensionNamesOf(metric: WatchableMetric): string[] {
  if (metric.name === 'service.failed_notices') return ['channel'];
  if (metric.name === 'service.failing_rules') return ['orgId'];
  if (metric.name === 'service.quota_share') return ['quota', 'orgId'];
  return [...dimensionsOfMetric(metric).keys()];
}
