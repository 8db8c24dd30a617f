import type { Rule } from './rule.ts';

/** A rule with the config that it belongs to. */
export interface ConfiguredRule {
  configId: string;
  /** Null: all orgs together. */
  orgId: string | null;
  rule: Rule;
}
