import type { PoolClient } from 'pg';
import type { RuleEdit } from '../../notifications/notice/notice.ts';
import type { DatedMeasurement } from '../decision/alert-state.ts';
import type { Observation } from '../decision/observation.ts';
import { judge } from '../decision/verdict.ts';
import type { ConfiguredRule } from '../rules/configured-rule.ts';
import { readRule } from '../rules/read-rule.ts';
import type { Rule } from '../rules/rule.ts';

/** The fields that decide whether a value is wrong, in the order in which a person would ask for them. */
const JUDGING = [
  ...(['threshold', 'recoveryThreshold', 'minimumSamples', 'minimumChange', 'floor'] as const),
  ...(['direction', 'noData', 'timezone'] as const),
];
/** More changes of a rule than between two evaluations. */
const MOST_CHANGES = 100;

/** A change of a rule that ended an alert, its author, and the value that would be wrong without it. */
export interface EndingEdit {
  edit: RuleEdit;
  actorId: string;
  reported: DatedMeasurement;
}

/**
 * The change of a rule without which its alert would not have ended: by the rule as it was, the value would not be right
 * now. The audit log knows the rule as it was.
 * @param time `since`: the last moment at which the value was wrong; milliseconds, both
 */
export async function findEndingEdit(
  client: PoolClient,
  { configId, orgId, rule }: ConfiguredRule,
  { since, now, observation }: { since: number; now: number; observation: Observation },
): Promise<EndingEdit | undefined> {
  const { rows } = await client.query<{ actor_id: string; before: Record<string, unknown> }>(
    `select actor_id, before from analytics.audit_log
     where (org_id = $1 or $1 is null and org_id is null) and at >= $2 and action = 'alert_config.update' and subject = $3
     order by id
     limit ${MOST_CHANGES}`,
    [orgId, new Date(since), configId],
  );
  const earlier = rows.map(({ actor_id, before }) => ({ actorId: actor_id, was: ruleOf(before, orgId) }));
  const was = earlier[0]?.was;
  if (was === undefined) return undefined;
  const { says, measured, reference } = judge(was, observation);
  if (says === 'right' || says === 'nothing') return undefined;
  const field = JUDGING.find((name) => was[name] !== rule[name]);
  const author = earlier.findLast((one) => field && one.was?.[field] !== rule[field]);
  if (field === undefined || author === undefined) return undefined;
  return {
    actorId: author.actorId,
    edit: { field, from: was[field], to: rule[field] },
    reported: { ...measured, reference, at: now },
  };
}

/** The rule of an entry of the audit log, which has more than the rule. An older version may have had other fields. */
function ruleOf(entry: Record<string, unknown>, ruleOrg: string | null): Rule | undefined {
  const { orgId: _org, version: _version, silencedUntil: _until, ...stored } = entry;
  const rule = readRule(stored, { allOrgs: ruleOrg === null, isStored: true });
  return Array.isArray(rule) ? undefined : rule;
}
