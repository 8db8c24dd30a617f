import { parseDocument, stringify } from 'yaml';
import { CodedError, type Fault, refuse } from '../errors.ts';
import { isObject } from '../events/reading.ts';
import { type AlertConfig, ruleOfConfig } from './alert-configs.ts';
import { readRule } from './read-rule.ts';
import type { Rule } from './rule.ts';

/** A rule as a file has it: known by its org and name. */
export interface NamedRule {
  /** Null: all orgs together. */
  orgId: string | null;
  rule: Rule;
}

/** What an import does to one config. */
export interface ConfigChange {
  action: 'create' | 'update' | 'delete' | 'unchanged';
  orgId: string | null;
  name: string;
  /** Of the config that is there. */
  id: string | null;
  /** Fields that change, before and after. */
  fields: Record<string, { before: unknown; after: unknown }>;
  /** What it will be. */
  rule?: Rule;
}

const MAX_IMPORTED = 1_000;
const MAX_FAULTS = 100;

const refuseFile = (message: string): CodedError => new CodedError('invalid_request', message);

/** What an org's rules look like in a file. Where notices go is named; the addresses and secrets behind it are not here. */
export const writeConfigs = (configs: readonly AlertConfig[]): string =>
  stringify(
    { alerts: configs.map((config) => ({ orgId: config.orgId, ...ruleOfConfig(config) })) },
    { lineWidth: 110 },
  );

/**
 * Reads rules from YAML: a map with the list `alerts`.
 * @param orgId the org of rules that name none; null: all together
 * @param mayWrite whether the caller may have rules of that org
 * @throws {CodedError} `invalid_request` with the faults of all rules
 */
export const readConfigs = (
  text: string,
  orgId: string | null,
  mayWrite: (orgId: string | null) => boolean,
): NamedRule[] => {
  const document = parseDocument(text, { prettyErrors: true, schema: 'core' });
  const [error] = document.errors;
  if (error) throw refuseFile(`The body is not YAML: ${error.message.split('\n', 1)[0]}`);
  const content = parsed(() => document.toJS({ maxAliasCount: 50 }));
  if (!isObject(content) || !Array.isArray(content.alerts)) {
    throw refuseFile('The body must be YAML with a list named alerts, as the export gives it.');
  }
  const { alerts } = content;
  if (alerts.length > MAX_IMPORTED) {
    throw refuseFile(`It has ${alerts.length} alerts; at most ${MAX_IMPORTED} can be imported at a time.`);
  }
  const faults: Fault[] = [];
  const seen = new Set<string>();
  const rules = alerts.flatMap((entry: unknown, index): NamedRule[] => {
    const at = `$.alerts[${index}]`;
    const { orgId: given = orgId, ...fields } = isObject(entry) ? entry : {};
    if ((given !== null && typeof given !== 'string') || !mayWrite(given)) {
      faults.push({ path: `${at}.orgId`, message: 'must be an org whose alerts you may change' });
      return [];
    }
    const rule = readRule(isObject(entry) ? fields : entry, { allOrgs: given === null, at });
    if (Array.isArray(rule)) {
      faults.push(...rule);
      return [];
    }
    const key = keyOf(given, rule.name);
    if (seen.has(key)) faults.push({ path: `${at}.name`, message: 'is there twice' });
    seen.add(key);
    return [{ orgId: given, rule }];
  });
  if (faults.length === 0) return rules;
  throw refuse('Nothing was imported', faults.slice(0, MAX_FAULTS));
};

const parsed = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    throw refuseFile(`The body is not YAML that can be used: ${(error as Error).message}`);
  }
};

const keyOf = (orgId: string | null, name: string): string => JSON.stringify([orgId, name]);

/**
 * What has to change for the configs that are there to be those that are wanted.
 * @param prune which of those that are not wanted may go; `false`: none
 */
export const planImport = (
  existing: readonly AlertConfig[],
  wanted: readonly NamedRule[],
  prune: false | ((config: AlertConfig) => boolean),
): ConfigChange[] => {
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
};

const difference = (before: Rule, after: Rule): ConfigChange['fields'] =>
  Object.fromEntries(
    (Object.keys(after) as (keyof Rule)[])
      .filter((field) => canonical(before[field]) !== canonical(after[field]))
      .map((field) => [field, { before: before[field], after: after[field] }]),
  );

/** Objects are kept without an order of their fields. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
