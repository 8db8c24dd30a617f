import type { Fault } from '../../errors.ts';
import { didYouMean } from '../../events/did-you-mean.ts';
import { Refusal } from '../../events/field.ts';
import { isObject } from '../../events/json-object.ts';
import { checkRule } from './check-rule.ts';
import { isOfTheMoment, watchableMetrics } from './metrics.ts';
import type { Rule } from './rule.ts';
import { ruleFields } from './rule-fields.ts';

/** A critical alert that returns is worth a notice sooner. */
const CRITICAL_COOLDOWN = 300;
const DEFAULT_COOLDOWN = 3_600;
const DEFAULT_REPEAT = 3_600;
const NO_METRIC_SAMPLES = 0;
const DEFAULT_WINDOW = 300;
const ANOMALY_WINDOW = 900;
/** Iglewicz and Hoaglin's recommendation for the modified z-score. */
const ANOMALY_THRESHOLD = 3.5;

type Draft = { [K in keyof Rule]: Rule[K] | null };

/**
 * Reads a rule from JSON or YAML, with defaults for absent fields. Never throws.
 * @param input the unchecked rule
 * @param scope whether the rule is over all orgs, the path of its faults, and whether it comes from the database. Stored
 *   rules of earlier versions may have levels that no value reaches.
 * @returns the rule, or every fault that it has
 */
export function readRule(
  input: unknown,
  { allOrgs, at = '$', isStored = false }: { allOrgs: boolean; at?: string; isStored?: boolean },
): Rule | Fault[] {
  if (!isObject(input)) return [{ path: at, message: 'must be an object with the fields of a rule' }];
  const faults: Fault[] = [];
  const names = Object.keys(ruleFields) as (keyof Rule)[];
  for (const given of Object.keys(input)) {
    if ((names as string[]).includes(given)) continue;
    const meant = didYouMean(given, names);
    const message = `is not a field of a rule${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    faults.push({ path: `${at}.${given.slice(0, 60)}`, message });
    if (faults.length >= names.length) break;
  }
  const draft: Record<string, unknown> = {};
  for (const name of names) {
    const { read, absent } = ruleFields[name];
    const value = input[name];
    if (value === undefined) {
      if (absent === undefined) faults.push({ path: `${at}.${name}`, message: 'is required' });
      else draft[name] = absent;
      continue;
    }
    const found = read(value);
    if (found instanceof Refusal)
      faults.push({ path: `${at}.${name}`, message: `must be ${found.expected}` });
    else draft[name] = found;
  }
  if (faults.length > 0) return faults;
  // Every field has been read by its own reader.
  const rule = withDefaults(draft as Draft);
  const wrong = checkRule(rule, { allOrgs, isStored }).map(({ path, message }) => ({
    path: `${at}.${path}`,
    message,
  }));
  return wrong.length > 0 ? wrong : (rule as Rule);
}

/** Fills in the defaults that depend on other fields. A threshold may still be missing. */
function withDefaults(draft: Draft): Rule {
  const { type, threshold, forSeconds } = draft;
  const metric = watchableMetrics.get(draft.metric ?? '');
  const countsNothingAsZero =
    metric?.kind === 'sum' || metric?.kind === 'prometheus' || (metric && isOfTheMoment(metric));
  return {
    ...(draft as Rule),
    threshold: threshold ?? (type === 'anomaly' ? ANOMALY_THRESHOLD : Number.NaN),
    windowSeconds: draft.windowSeconds ?? (type === 'anomaly' ? ANOMALY_WINDOW : DEFAULT_WINDOW),
    cooldownSeconds:
      draft.cooldownSeconds ?? (draft.severity === 'critical' ? CRITICAL_COOLDOWN : DEFAULT_COOLDOWN),
    // A rule with a cooldown alone is repeated at its end, as rules were before they had a time of their own for it.
    repeatSeconds: draft.repeatSeconds ?? draft.cooldownSeconds ?? DEFAULT_REPEAT,
    recoverySeconds: draft.recoverySeconds ?? forSeconds ?? 0,
    minimumSamples: draft.minimumSamples ?? (countsNothingAsZero ? NO_METRIC_SAMPLES : 1),
  };
}
