import { catalogue } from '../../events/catalogue.ts';
import type { DimensionColumn } from '../../events/columns.ts';
import { dimensionsOf, type EventType, metricsOf } from '../../events/event-type.ts';
import type { Unit } from '../../notifications/notice/notice.ts';
import type { Spread } from './spread.ts';

/**
 * How the metric comes out of what is added up:
 * - `sum` of a window grows with its length, and is 0 where nothing happened
 * - `ratio`, `average`, `extreme`, `percentile` and `last` say nothing where nothing happened
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

/** A number that can be watched. */
export interface WatchableMetric {
  /** Such as `usage.error_rate`. */
  name: string;
  about: string;
  unit: Unit;
  /** What it can be at all; `null` where there is no bound. */
  min: number | null;
  max: number | null;
  kind: Kind;
  /** The event type it is counted from; none for `freshness.lag_seconds`, `service.…` and `prometheus`. */
  definition: EventType | undefined;
  /** Its part of the type's numbers: `error_rate`, `latency_p95`. */
  part: string;
  /** Whether it is judged by its logarithm where the unusual is looked for: what spreads over powers of ten. */
  logScale: boolean;
}

type Described = Pick<WatchableMetric, 'about' | 'unit' | 'kind'> & { logScale?: true };

const byName: Record<string, Described> = {
  count: { about: 'How many there were', unit: 'count', kind: 'sum' },
  errors: { about: 'How many failed', unit: 'count', kind: 'sum' },
  error_rate: { about: 'Share that failed, of what failed or succeeded', unit: 'ratio', kind: 'ratio' },
  success_rate: { about: 'Share that succeeded, of what failed or succeeded', unit: 'ratio', kind: 'ratio' },
  input_tokens: { about: 'Tokens of the prompts', unit: 'tokens', kind: 'sum' },
  output_tokens: { about: 'Tokens of the answers', unit: 'tokens', kind: 'sum' },
  cached_input_tokens: { about: 'Prompt tokens served from a cache', unit: 'tokens', kind: 'sum' },
  cost: { about: 'What it cost', unit: 'cents', kind: 'sum', logScale: true },
  quantity: { about: 'How many pieces', unit: 'count', kind: 'sum' },
};

const STATISTICS: Record<string, Pick<Described, 'about' | 'kind'>> = {
  avg: { about: 'mean', kind: 'average' },
  min: { about: 'least', kind: 'extreme' },
  max: { about: 'most', kind: 'extreme' },
  p50: { about: 'median', kind: 'percentile' },
  p95: { about: '95th percentile', kind: 'percentile' },
  p99: { about: '99th percentile', kind: 'percentile' },
};

function describe({ value, gauge }: EventType, part: string): Described | undefined {
  if (gauge && part === 'quantity') return { about: 'The last level reported', unit: 'count', kind: 'last' };
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
    // An amount can be negative: a refund, a discount.
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
  about: 'How far the numbers are behind what is stored',
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

/** How the service itself does. */
const service = [
  ofService(
    'evaluation_lag_seconds',
    'How long the alert rule that waits the longest has been due, built-in ones aside',
    'seconds',
  ),
  ofService('outbox_oldest_seconds', 'How long the oldest notice that is not sent has been due', 'seconds'),
  ofService(
    'failed_notices',
    'Notices given up within the window, or tried three times or more in vain; those of built-in rules aside',
    'count',
  ),
];

const prometheus: WatchableMetric = {
  name: 'prometheus',
  about: 'The result of a PromQL expression, one alert for each series of it; for admins alone',
  unit: 'any',
  min: null,
  max: null,
  kind: 'prometheus',
  definition: undefined,
  part: 'expression',
  logScale: false,
};

/** Everything that can be watched, by name. */
export const watchableMetrics: ReadonlyMap<string, WatchableMetric> = new Map(
  [...catalogue.flatMap(ofType), freshness, ...service, prometheus].map((metric) => [metric.name, metric]),
);

/** Whether it is a number of the moment, of which no values of the past are kept. */
export function isOfTheMoment({ kind }: WatchableMetric): boolean {
  return kind === 'freshness' || kind === 'service';
}

/** How its values spread, for whoever looks for unusual ones. */
export function spreadOf({ kind, unit, logScale }: WatchableMetric): Spread {
  return {
    log: logScale,
    chance: kind === 'sum' && unit === 'count' ? 'count' : kind === 'ratio' ? 'share' : null,
  };
}

/** How a dimension is called where rules are written: `model_id` is `modelId`. */
function dimensionName(column: DimensionColumn): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The dimensions of a metric, by the name they have in rules. */
export function dimensionsOfMetric({ definition }: WatchableMetric): ReadonlyMap<string, DimensionColumn> {
  return new Map(definition ? dimensionsOf(definition).map((column) => [dimensionName(column), column]) : []);
}

/** What a rule over a metric may filter and group by. */
export function dimensionNamesOf(metric: WatchableMetric): string[] {
  return metric.name === 'service.failed_notices' ? ['channel'] : [...dimensionsOfMetric(metric).keys()];
}
