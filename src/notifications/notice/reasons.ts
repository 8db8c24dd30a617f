/**
 * Every reason of a verdict, with its meaning. A notice carries the reason and words it, and `alerts` decides it.
 * Notifications come before alerts in the order of imports, so the list is here.
 */
export const verdictReasons = {
  above_threshold: 'The value is above the threshold.',
  below_threshold: 'The value is below the threshold.',
  changed_too_much:
    'The value changed by more than the threshold and by at least the least change that counts.',
  unusual: 'The value is further from the usual value than the threshold allows, counted in deviations.',
  within_threshold: 'The value is within the threshold.',
  not_recovered: 'The value is no longer past the threshold, but not yet back at the recovery threshold.',
  current_bucket_incomplete:
    'Only the bucket under way has a value. An incomplete bucket can make an alert fire, but cannot resolve it.',
  change_too_small: 'The change is less than the least change that counts.',
  no_previous_value:
    'The value has nothing to be compared with: there is no earlier value, or it is zero and the rule has no floor.',
  warming_up: 'Fewer than 28 earlier values are known, so the usual value is not known yet.',
  too_few_samples: 'The value is of fewer samples than the rule requires.',
  no_data: 'There was no data.',
  no_data_alerts: 'There was no data, and the rule alerts on missing data.',
  no_data_is_ok: 'There was no data, and the rule treats missing data as right.',
  query_failed: 'The value could not be read.',
} as const;
export type VerdictReason = keyof typeof verdictReasons;

/** Why a change of the rule ended an alert, with the meaning of each reason. */
export const closingReasons = {
  rule_changed: 'The rule now watches something else.',
  rule_disabled: 'The rule was disabled.',
  rule_deleted: 'The rule was deleted.',
} as const;
export type ClosingReason = keyof typeof closingReasons;

/** What ends an alert other than its value. */
export type Ending = 'by_person' | 'group_gone' | 'new_normal' | 'rule_edited' | ClosingReason;

const otherEndings: readonly string[] = ['by_person', 'group_gone', 'new_normal', 'rule_edited'];

export function isEnding(reason: string): reason is Ending {
  return otherEndings.includes(reason) || reason in closingReasons;
}
