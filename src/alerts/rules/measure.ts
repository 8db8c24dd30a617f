import { inUnit, type Measure, plainNumber } from '../../notifications/notice/quantity.ts';
import type { Group } from './group.ts';
import { watchableMetrics } from './metrics.ts';
import type { Rule, RuleType } from './rule.ts';

/** Model calls and ML jobs are priced in this currency. */
const OF_COSTS = 'USD';

/** The unit of the values of a rule: costs are dollars, and amounts are in the currency that the rule or the group names. */
export function measureOf({ metric, filters }: Pick<Rule, 'metric' | 'filters'>, group: Group): Measure {
  const found = watchableMetrics.get(metric);
  if (found?.unit !== 'cents') return { unit: found?.unit ?? 'any' };
  const isAmount = found.definition?.value?.kind === 'amount';
  return { unit: 'cents', currency: isAmount ? (filters.currency ?? group.currency ?? null) : OF_COSTS };
}

/** The value and the threshold of an alert, for people, such as `7.3 %` and `5 %`. */
export function textsOf(
  { type, threshold, value }: { type: RuleType; threshold: number; value: number | null },
  measure: Measure,
): { valueText: string | null; thresholdText: string } {
  const isLevel = type === 'threshold_above' || type === 'threshold_below';
  const valueText = value === null ? null : inUnit(value, measure, isLevel ? [threshold] : []);
  if (isLevel) return { valueText, thresholdText: inUnit(threshold, measure, value === null ? [] : [value]) };
  const unit = type === 'rate_of_change' ? '%' : 'deviations';
  return { valueText, thresholdText: `${plainNumber(threshold)} ${unit}` };
}
