import type { Queryable } from '../../database/pool.ts';
import { refuse } from '../../errors.ts';
import { keyOfLabel } from '../../events/labels.ts';
import { declaredKeys } from '../../series/label-dimensions.ts';
import { labelsOfRule } from '../rules/labels-of-rule.ts';
import type { NamedRule } from './plan-import.ts';

/**
 * Refuses rules by labels that are no dimensions of their org now, because new events are not told apart by these. A rule
 * that is disabled may name them, so that a rule can be disabled whose label is no longer declared.
 * @param rules each with its JSON path in the request
 * @param where the beginning of the error's sentence
 * @throws {CodedError} `invalid_request` with every such label
 */
export async function checkLabels(
  database: Queryable,
  rules: readonly (NamedRule & { at: string })[],
  where: string,
): Promise<void> {
  const named = rules.flatMap(({ orgId, rule, at }) =>
    orgId === null || !rule.enabled
      ? []
      : labelsOfRule(rule).map(({ name, path }) => ({ orgId, name, path: `${at}.${path}` })),
  );
  const declared = new Map<string, readonly string[]>();
  for (const orgId of new Set(named.map((label) => label.orgId)))
    declared.set(orgId, await declaredKeys(database, orgId));
  const faults = named.flatMap(({ orgId, name, path }) => {
    const keys = declared.get(orgId) ?? [];
    if (keys.includes(keyOfLabel(name))) return [];
    return [{ path, message: `${name} is not declared in ${orgId}; ${whichAreDeclared(keys)}` }];
  });
  if (faults.length > 0) throw refuse(where, faults);
}

function whichAreDeclared(keys: readonly string[]): string {
  return keys.length === 0
    ? 'an org_admin declares labels with PUT /analytics/v1/orgs/{orgId}/labels'
    : `its labels are ${keys.join(', ')}`;
}
