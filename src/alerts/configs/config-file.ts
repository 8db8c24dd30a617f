import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { CORE_SCHEMA, dump, load } from 'js-yaml';
import { CodedError, type Fault, refuse } from '../../errors.ts';
import { isObject } from '../../events/json-object.ts';
import { readRule } from '../rules/read-rule.ts';
import { type AlertConfig, ruleOfConfig } from './alert-configs.ts';
import { keyOf, type NamedRule } from './plan-import.ts';

/** The most rules that a file has, written and read. */
export const MOST_RULES = 10_000;
const MAX_FAULTS = 100;
/** Rules read in a row, before others have their turn. */
const IN_A_ROW = 200;

function refuseFile(message: string): CodedError {
  return new CodedError('invalid_request', message);
}

/**
 * What rules look like in a file. Where notices go is named; the addresses and secrets behind it are not here.
 * @throws {CodedError} `too_large` when they are more than can be read again
 */
export function writeConfigFile(configs: readonly AlertConfig[]): string {
  if (configs.length > MOST_RULES) {
    throw new CodedError(
      'too_large',
      `There are more than ${MOST_RULES} rules; export them org by org (orgId).`,
    );
  }
  const alerts = configs.map((config) => ({ orgId: config.orgId, ...ruleOfConfig(config) }));
  return dump({ alerts }, { schema: CORE_SCHEMA, lineWidth: 110, noRefs: true });
}

/**
 * Reads rules from YAML: a map with the list `alerts`.
 * @param orgId the org of rules that name none; null: all together
 * @param mayWrite whether the caller may have rules of that org
 * @throws {CodedError} `invalid_request` with the faults of all rules
 */
export async function readConfigFile(
  text: string,
  orgId: string | null,
  mayWrite: (orgId: string | null) => boolean,
): Promise<NamedRule[]> {
  const content = parse(text);
  if (!isObject(content) || !Array.isArray(content.alerts)) {
    throw refuseFile('The body must be YAML with a list named alerts, as the export gives it.');
  }
  const { alerts } = content;
  if (alerts.length > MOST_RULES) {
    throw refuseFile(`It has ${alerts.length} alerts; at most ${MOST_RULES} can be imported at a time.`);
  }
  const faults: Fault[] = [];
  const seen = new Set<string>();
  const rules: NamedRule[] = [];
  for (const [index, entry] of alerts.entries()) {
    if ((index + 1) % IN_A_ROW === 0) await yieldToOthers();
    const read = readEntry(entry, { orgId, mayWrite, at: `$.alerts[${index}]` });
    if (Array.isArray(read)) {
      faults.push(...read);
      continue;
    }
    const key = keyOf(read.orgId, read.rule.name);
    if (seen.has(key)) faults.push({ path: `$.alerts[${index}].name`, message: 'is there twice' });
    seen.add(key);
    rules.push(read);
  }
  if (faults.length === 0) return rules;
  throw refuse('Nothing was imported', faults.slice(0, MAX_FAULTS));
}

/** Holds others up for a second where there are ten thousand rules; the other parser there is took eight. */
function parse(text: string): unknown {
  try {
    return load(text, { schema: CORE_SCHEMA });
  } catch (error) {
    throw refuseFile(`The body is not YAML: ${(error as Error).message.split('\n', 1)[0]}.`);
  }
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
