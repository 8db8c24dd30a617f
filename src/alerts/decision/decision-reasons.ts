import { type VerdictReason, verdictReasons } from '../../notifications/notice/reasons.ts';

/** Reasons that depend on the state before, with their meaning; the reasons of a verdict are `verdictReasons`. */
export const decisionReasons = {
  fired: 'The value has been wrong for as long as the rule requires.',
  fired_late: 'Events that arrived late show that the value was wrong for as long as the rule requires.',
  wrong_not_for_long: 'The value is wrong, but not yet for as long as the rule requires.',
  still_wrong: 'The value is still wrong.',
  recovered: 'The value has been right for as long as the rule requires.',
  right_not_for_long: 'The value is right again, but not yet for as long as the rule requires.',
  relapsed: 'The value was right again for a short time, and is wrong once more.',
  flapping:
    'The alert has fired three times or more with less than a cooldown between. It stays open until the value has been right for as long as the cooldown.',
  settled: 'The value of the flapping alert has been right for as long as the cooldown.',
  repeated: 'The alert still fires when its notice is to be repeated, and nobody has acknowledged it.',
  told_late:
    'The alert fired while notices were suppressed (a silence, or missed evaluations), and still fires.',
  severity_rose: 'The rule became more severe while the alert fires.',
  step_due:
    'Nobody has acknowledged the alert in the time of a step of the escalation, and the value is still wrong.',
  reopened: 'A person resolved the alert, and the value is still wrong after the cooldown.',
  new_normal:
    'The value was unusual for at least half of the last 7 days. It is the new normal: later values are compared with it.',
  rule_edited: 'Somebody changed the rule, and by the rule as it was before the value would still be wrong.',
  group_gone: 'The group has had no data for so long that it no longer exists.',
} as const;
export type Reason = VerdictReason | keyof typeof decisionReasons;

/** Every named reason of a decision, with its meaning. */
export const reasons: Readonly<Record<Reason, string>> = { ...verdictReasons, ...decisionReasons };
