import { isObject } from '../../events/json-object.ts';
import type { Rule } from '../rules/rule.ts';
import { type AlertConfig, ruleOfConfig } from './alert-configs.ts';

/** A rule as a file has it: known by its org and name. */
export interface NamedRule {
  /** Null: all orgs together. */
  orgId: string | null;
  rule: Rule;
}

/** What an import does to one config. */
export type ConfigChange = {
  orgId: string | null;
  name: string;
  /** Fields that change, before and after. */
  fields: Record<string, { before: unknown; after: unknown }>;
} & (
  | { action: 'create'; id: null; rule: Rule }
  | { action: 'update'; id: string; rule: Rule }
  | { action: 'unchanged'; id: string; rule: Rule }
  | { action: 'delete'; id: string; rule?: never }
);

/** What tells rules of files and configs apart. */
export function keyOf(orgId: string | null, name: string): string {
  return JSON.stringify([orgId, name]);
}

/**
 * What has to change for the configs that are there to be those that are wanted.
 * @param prune which of those that are not wanted may go; `false`: none
 */
export function planImport(
  existing: readonly AlertConfig[],
  wanted: readonly NamedRule[],
  prune: false | ((config: AlertConfig) => boolean),
): ConfigChange[] {
  const byKey = new Map(existing.map((config) => [keyOf(config.orgId, config.name), config]));
  const changes = wanted.map(({ orgId, rule }): ConfigChange => {
    const key = keyOf(orgId, rule.name);
    const config = byKey.get(key);
    byKey.delete(key);
    if (!config) return { action: 'create', orgId, name: rule.name, id: null, fields: {}, rule };
    const fields = difference(ruleOfConfig(config), rule);
    const action = Object.keys(fields).length === 0 ? 'unchanged' : 'update';
    return { action, orgId, name: rule.name, id: config.id, fields, rule };
  });
  if (!prune) return changes;
  // The next start would bring a built-in one back.
  const mayGo = [...byKey.values()].filter((config) => config.builtIn === null && prune(config));
  const gone = mayGo.map(
    ({ id, orgId, name }): ConfigChange => ({ action: 'delete', orgId, name, id, fields: {} }),
  );
  // First what goes, so that its name is free.
  return [...gone, ...changes];
}

function difference(before: Rule, after: Rule): ConfigChange['fields'] {
  return Object.fromEntries(
    (Object.keys(after) as (keyof Rule)[])
      .filter((field) => canonical(before[field]) !== canonical(after[field]))
      .map((field) => [field, { before: before[field], after: after[field] }]),
  );
}

/** Objects are kept without an order of their fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
