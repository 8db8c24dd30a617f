import { isObject } from '../../events/json-object.ts';
import type { Rule } from '../rules/rule.ts';
import { type AlertConfig, ruleOfConfig } from './alert-configs.ts';

/** A rule of a file, identified by its org and name. */
export interface NamedRule {
  /** Null: all orgs together. */
  orgId: string | null;
  rule: Rule;
}

/** The change of one config by an import. */
export type ConfigChange = {
  orgId: string | null;
  name: string;
  /** The fields that change, before and after. */
  fields: Record<string, { before: unknown; after: unknown }>;
} & (
  | { action: 'create'; id: null; rule: Rule }
  | { action: 'update'; id: string; rule: Rule }
  | { action: 'unchanged'; id: string; rule: Rule }
  | { action: 'delete'; id: string; rule?: never }
);

/** The key by which rules of a file and configs match. */
export function keyOf(orgId: string | null, name: string): string {
  return JSON.stringify([orgId, name]);
}

/**
 * Finds the changes that make the existing configs equal to the wanted rules.
 * @param prune whether a config that is not wanted may be removed; `false`: none may
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
  // A built-in rule is never removed: the next start would add it again.
  const mayGo = [...byKey.values()].filter((config) => config.builtIn === null && prune(config));
  const gone = mayGo.map(
    ({ id, orgId, name }): ConfigChange => ({ action: 'delete', orgId, name, id, fields: {} }),
  );
  // Removals come first, so that their names are free.
  return [...gone, ...changes];
}

function difference(before: Rule, after: Rule): ConfigChange['fields'] {
  return Object.fromEntries(
    (Object.keys(after) as (keyof Rule)[])
      .filter((field) => canonical(before[field]) !== canonical(after[field]))
      .map((field) => [field, { before: before[field], after: after[field] }]),
  );
}

/** A JSON text with sorted fields, because the database keeps objects without an order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
