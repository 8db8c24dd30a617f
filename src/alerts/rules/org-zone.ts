import type { Rule } from './rule.ts';

/** A rule with the zone that it is evaluated in: its own, or that of its org. Null: neither has one. */
export function inZoneOf(rule: Rule, ofOrg: string | null): Rule {
  return rule.timezone === null && ofOrg !== null ? { ...rule, timezone: ofOrg } : rule;
}
