import type { Fault } from '../../errors.ts';
import type { WatchableMetric } from './metrics.ts';
import type { Rule } from './rule.ts';

const LEAST_DEVIATIONS = 1;
const MOST_DEVIATIONS = 100;
const MOST_PERCENT = 1e6;
const SHARE = 'a share from 0 to 1 (0.05 is 5 %)';

function fault(path: 'threshold' | 'recoveryThreshold', message: string): Fault[] {
  return [{ path, message }];
}

/** Refuses a threshold outside the range of its metric. */
export function checkThreshold({ type, threshold }: Rule, metric: WatchableMetric): Fault[] {
  if (Number.isNaN(threshold)) return fault('threshold', 'is required');
  if (type === 'anomaly') {
    return threshold >= LEAST_DEVIATIONS && threshold <= MOST_DEVIATIONS
      ? []
      : fault(
          'threshold',
          `is in robust standard deviations: from ${LEAST_DEVIATIONS} to ${MOST_DEVIATIONS}, such as 3.5`,
        );
  }
  if (type === 'rate_of_change') {
    return threshold !== 0 && threshold >= -100 && threshold <= MOST_PERCENT
      ? []
      : fault('threshold', 'is a change in percent: above 0 for a rise, from -100 to below 0 for a fall');
  }
  return faultOfLevel('threshold', threshold, metric);
}

function faultOfLevel(
  path: 'threshold' | 'recoveryThreshold',
  level: number,
  metric: WatchableMetric,
): Fault[] {
  const { unit, min, max, name } = metric;
  if (unit === 'ratio' && max === 1 && (level < 0 || level > 1)) {
    const meant = level > 1 && level <= 100 ? `; for ${level} % give ${level / 100}` : '';
    return fault(path, `must be ${SHARE}: ${name} is a share${meant}`);
  }
  if ((min !== null && level < min) || (max !== null && level > max)) {
    const range = max === null ? `${min} or more` : `from ${min} to ${max}`;
    return fault(path, `must be ${range}: ${name} is in ${unit}`);
  }
  return [];
}

/**
 * Refuses levels that no value can reach: a value at a bound of its metric is neither above the upper one nor below the
 * lower one. Earlier versions took such rules, so stored ones are not checked.
 */
export function checkReachable(rule: Rule, metric: WatchableMetric): Fault[] {
  const { type, threshold, recoveryThreshold } = rule;
  const { min, max, name, unit } = metric;
  const kind = unit === 'ratio' && max === 1 ? `, because it is ${SHARE}` : '';
  const never = (words: string) => fault('threshold', `can never be met: ${name} is never ${words}`);
  if (type === 'threshold_above' && threshold === max)
    return never(`above ${max}${kind}; give less than ${max}`);
  if (type === 'threshold_below' && threshold === min)
    return never(`below ${min}${kind}; give more than ${min}`);
  if (type === 'rate_of_change' && threshold === -100 && min !== null)
    return never(`below ${min}, so it falls by 100 % at most; give more than -100`);
  const isLevel = type === 'threshold_above' || type === 'threshold_below';
  return isLevel && recoveryThreshold !== null
    ? faultOfLevel('recoveryThreshold', recoveryThreshold, metric)
    : [];
}

/** Refuses a recovery threshold on the wrong side of the threshold: an alert would fire and resolve at once. */
export function checkRecovery({ type, threshold, recoveryThreshold }: Rule): Fault[] {
  if (recoveryThreshold === null || Number.isNaN(threshold)) return [];
  const path = 'recoveryThreshold';
  if (type === 'threshold_below') {
    return recoveryThreshold >= threshold ? [] : fault(path, `must be ${threshold} (the threshold) or more`);
  }
  if (type === 'rate_of_change' && threshold < 0) {
    return recoveryThreshold >= threshold && recoveryThreshold <= 0
      ? []
      : fault(path, `must be from ${threshold} (the threshold) to 0`);
  }
  if (type !== 'threshold_above' && recoveryThreshold < 0)
    return fault(path, `must be from 0 to ${threshold}`);
  return recoveryThreshold <= threshold ? [] : fault(path, `must be ${threshold} (the threshold) or less`);
}
