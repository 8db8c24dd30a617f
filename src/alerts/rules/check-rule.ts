import type { Fault } from '../../errors.ts';
import { didYouMean } from '../../events/did-you-mean.ts';
import { isLabelName } from '../../events/labels.ts';
import { channelNames } from '../../notifications/notice/notice.ts';
import { checkReachable, checkRecovery, checkThreshold } from './check-levels.ts';
import {
  dimensionNamesOf,
  hasLabels,
  isOfTheMoment,
  type WatchableMetric,
  watchableMetrics,
} from './metrics.ts';
import { faultOfPromql } from './promql.ts';
import { ORG_GROUP, type Rule } from './rule.ts';

const MINUTE_SECONDS = 60;
const QUARTER_HOUR_SECONDS = 900;
const HOUR_SECONDS = 3_600;
/** Minutes are kept for two days, which must hold the window, the one before it, and incomplete buckets. */
const LONGEST_WINDOW = 24 * HOUR_SECONDS;
const LONGEST_CHANGE_WINDOW = 12 * HOUR_SECONDS;

function seconds(count: number): string {
  return count % HOUR_SECONDS === 0 ? `${count / HOUR_SECONDS} h` : `${count / MINUTE_SECONDS} min`;
}

/** The faults of a rule whose fields are valid one by one but do not fit together. Paths are names of fields. */
export function checkRule(
  rule: Rule,
  { allOrgs, isStored = false }: { allOrgs: boolean; isStored?: boolean },
): Fault[] {
  const metric = watchableMetrics.get(rule.metric);
  if (!metric) return [{ path: 'metric', message: unknownMetric(rule.metric) }];
  if (metric.kind === 'service' && !allOrgs) {
    const message = `${metric.name} is a metric of the service, not of an org. It needs a rule over all orgs, which an admin creates without an orgId`;
    return [{ path: 'metric', message }];
  }
  return [
    ...checkExpression(rule, metric),
    ...checkDimensions(rule, metric, allOrgs),
    ...checkAdding(rule, metric, allOrgs),
    ...checkType(rule, metric),
    ...checkThreshold(rule, metric),
    ...checkRecovery(rule),
    ...(isStored ? [] : checkReachable(rule, metric)),
    ...checkWindow(rule, metric),
  ];
}

function fault(path: keyof Rule | `${keyof Rule}.${string}`, message: string): Fault[] {
  return [{ path, message }];
}

function unknownMetric(given: string): string {
  const meant = didYouMean(given, watchableMetrics.keys());
  return meant === undefined
    ? 'is not a known metric; GET /api/v1/analytics/alerts/metrics lists them'
    : `is not a known metric; did you mean ${meant}?`;
}

function checkExpression({ expression, filters, groupBy }: Rule, metric: WatchableMetric): Fault[] {
  if (metric.kind !== 'prometheus') {
    return expression === null
      ? []
      : fault('expression', 'is allowed only for the metric prometheus; leave it out');
  }
  if (expression === null) return fault('expression', 'is required for the metric prometheus');
  const wrong = faultOfPromql(expression);
  return [
    ...(wrong === undefined ? [] : fault('expression', wrong)),
    ...(Object.keys(filters).length > 0
      ? fault('filters', 'are not allowed for PromQL; filter in the expression: {label="…"}')
      : []),
    ...(groupBy.length > 0
      ? fault('groupBy', 'is not allowed for PromQL; group in the expression: sum by (…) (…)')
      : []),
  ];
}

function isChannel(name: string): boolean {
  return (channelNames as readonly string[]).includes(name);
}

function checkDimensions({ filters, groupBy }: Rule, metric: WatchableMetric, allOrgs: boolean): Fault[] {
  if (metric.kind === 'prometheus') return [];
  const known = dimensionNamesOf(metric);
  const isKnown = (name: string, names: readonly string[]) =>
    names.includes(name) || (isLabelName(name) && hasLabels(metric) && !allOrgs);
  const byOrg = allOrgs && metric.kind !== 'service';
  const groupable = [...known, ...(byOrg ? [ORG_GROUP] : [])];
  const message = (given: string, names: readonly string[]): string => {
    if (given === ORG_GROUP && !allOrgs)
      return 'needs a rule over all orgs, which an admin creates without an orgId';
    if (isLabelName(given) && hasLabels(metric)) return 'is a label of one org; give the rule an orgId';
    const meant = didYouMean(given, names);
    const all = hasLabels(metric) && !allOrgs ? [...names, 'label.KEY'] : names;
    const which = all.length === 0 ? 'it has none' : `use one of: ${all.join(', ')}`;
    return `is not a dimension of ${metric.name}${meant === undefined ? `; ${which}` : `; did you mean ${meant}?`}`;
  };
  return [
    ...Object.keys(filters)
      .filter((name) => !isKnown(name, known))
      .flatMap((name) => fault(`filters.${name.slice(0, 60)}`, message(name, known))),
    ...groupBy.flatMap((name, index) =>
      isKnown(name, groupable)
        ? []
        : fault(`groupBy.${index}`, `${name.slice(0, 60)} ${message(name, groupable)}`),
    ),
    ...(metric.kind === 'service' && filters.channel !== undefined && !isChannel(filters.channel)
      ? fault('filters.channel', `must be one of ${channelNames.join(', ')}`)
      : []),
  ];
}

/** Amounts of different currencies have no sum, and neither have stocks of different products. */
function checkAdding({ filters, groupBy }: Rule, metric: WatchableMetric, allOrgs: boolean): Fault[] {
  const named = (dimension: string) => filters[dimension] !== undefined || groupBy.includes(dimension);
  if (metric.definition?.value?.kind === 'amount' && metric.unit === 'cents' && !named('currency')) {
    const message =
      'must name a currency, or groupBy must contain currency: amounts of different currencies have no sum';
    return fault('filters.currency', message);
  }
  if (metric.kind === 'last' && !named('sku')) {
    return fault(
      'filters.sku',
      'must name a product, or groupBy must contain sku: stock levels of different products have no sum',
    );
  }
  if (metric.kind === 'last' && allOrgs && !groupBy.includes(ORG_GROUP)) {
    return fault('groupBy', 'must contain org: stock levels of different orgs have no sum');
  }
  return [];
}

function checkType({ type }: Rule, metric: WatchableMetric): Fault[] {
  if (type === 'anomaly' && (metric.kind === 'prometheus' || isOfTheMoment(metric))) {
    return fault(
      'type',
      `anomaly needs earlier values, and none of ${metric.name} are kept; use threshold_above`,
    );
  }
  if (type === 'rate_of_change' && isOfTheMoment(metric)) {
    return fault(
      'type',
      `rate_of_change needs earlier values, and none of ${metric.name} are kept; use threshold_above`,
    );
  }
  return [];
}

function checkWindow({ type, windowSeconds }: Rule, metric: WatchableMetric): Fault[] {
  if (metric.kind === 'prometheus' || isOfTheMoment(metric)) return [];
  const bucket = type === 'anomaly' ? QUARTER_HOUR_SECONDS : MINUTE_SECONDS;
  const longest = type === 'rate_of_change' ? LONGEST_CHANGE_WINDOW : LONGEST_WINDOW;
  if (windowSeconds % bucket === 0 && windowSeconds >= bucket && windowSeconds <= longest) return [];
  const why =
    type === 'anomaly'
      ? 'finer history is not kept for weeks'
      : `numbers are kept by the minute${windowSeconds > longest ? ' for two days' : ''}`;
  return fault(
    'windowSeconds',
    `must be a multiple of ${bucket} from ${bucket} (${seconds(bucket)}) to ${longest} (${seconds(longest)}): ${why}`,
  );
}
