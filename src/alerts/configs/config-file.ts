import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { CORE_SCHEMA, dump } from 'js-yaml';
import { CodedError, type Fault, refuse } from '../../errors.ts';
import { isObject } from '../../events/json-object.ts';
import { readRule } from '../rules/read-rule.ts';
import { type AlertConfig, ruleOfConfig } from './alert-configs.ts';
import { parseYaml } from './parse-yaml.ts';
import { keyOf, type NamedRule } from './plan-import.ts';

/** The most rules in a file, for export and import. */
export const MOST_RULES = 10_000;
const MAX_FAULTS = 100;
/** Rules read in a row before other requests get their turn. */
const IN_A_ROW = 200;

/**
 * Writes rules and silences as a file. It has the names of destinations, never their addresses and secrets.
 * @throws {CodedError} `too_large` if there are more rules than a file can be imported with
 */
export function writeConfigFile(configs: readonly AlertConfig[], silences: readonly object[] = []): string {
  if (configs.length > MOST_RULES) {
    throw new CodedError(
      'too_large',
      `There are more than ${MOST_RULES} rules; export them org by org (orgId).`,
    );
  }
  const alerts = configs.map((config) => ({ orgId: config.orgId, ...ruleOfConfig(config) }));
  return dump(
    { alerts, ...(silences.length > 0 && { silences }) },
    { schema: CORE_SCHEMA, lineWidth: 110, noRefs: true },
  );
}

/**
 * Reads rules from YAML: a map with the list `alerts`, the list `silences`, which is left for its own reader, or both.
 * @param orgId the org of rules that name none; null: all orgs together
 * @param mayWrite whether the caller may have rules of that org
 * @param owner the caller, for its turn to have a large file parsed
 * @throws {CodedError} `invalid_request` with the faults of all rules
 */
export async function readConfigFile(
  text: string,
  orgId: string | null,
  mayWrite: (orgId: string | null) => boolean,
  owner: string,
): Promise<{ rules: NamedRule[]; silences: unknown[]; hasAlerts: boolean }> {
  const read = await parseYaml(text, MOST_RULES, owner);
  if ('refusal' in read) throw new CodedError('invalid_request', read.refusal);
  const faults: Fault[] = [];
  const seen = new Set<string>();
  const rules: NamedRule[] = [];
  for (const [index, entry] of read.entries.entries()) {
    if ((index + 1) % IN_A_ROW === 0) await yieldToOthers();
    const rule = readEntry(entry, { orgId, mayWrite, at: `$.alerts[${index}]` });
    if (Array.isArray(rule)) {
      faults.push(...rule);
      continue;
    }
    const key = keyOf(rule.orgId, rule.rule.name);
    if (seen.has(key))
      faults.push({
        path: `$.alerts[${index}].name`,
        message: 'is used twice; the names of the rules of an org must differ',
      });
    seen.add(key);
    rules.push(rule);
  }
  if (faults.length === 0) return { rules, silences: read.silences, hasAlerts: read.hasAlerts };
  throw refuse('Nothing was imported', faults.slice(0, MAX_FAULTS));
}

function readEntry(
  entry: unknown,
  { orgId, mayWrite, at }: { orgId: string | null; mayWrite(orgId: string | null): boolean; at: string },
): NamedRule | Fault[] {
  const { orgId: given = orgId, ...fields } = isObject(entry) ? entry : {};
  if ((given !== null && typeof given !== 'string') || !mayWrite(given)) {
    return [{ path: `${at}.orgId`, message: 'must be an org whose alerts you may change' }];
  }
  const rule = readRule(isObject(entry) ? fields : entry, { allOrgs: given === null, at });
  return Array.isArray(rule) ? rule : { orgId: given, rule };
}
