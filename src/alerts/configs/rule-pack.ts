import type { Caller } from '../../auth/caller.ts';
import type { Database } from '../../database/pool.ts';
import { readRule } from '../rules/read-rule.ts';
import { ORG_GROUP, type Rule } from '../rules/rule.ts';
import { listConfigs } from './alert-configs.ts';
import type { ConfigChanges } from './change-configs.ts';

const MINUTE_SECONDS = 60;

/** Fewer requests than this say too little about a rate or a percentile. */
const ENOUGH_REQUESTS = 20;

const model = {
  filters: {},
  intervalSeconds: MINUTE_SECONDS,
  minimumSamples: ENOUGH_REQUESTS,
  recoverySeconds: 5 * MINUTE_SECONDS,
};

/** The rules of the pack `reliability`, as somebody would send them; the same that dashboards/alerts.yml has. */
const reliability: readonly Record<string, unknown>[] = [
  {
    ...model,
    name: 'High error rate',
    description: 'More than 5 % of the requests to a model failed, for five minutes.',
    metric: 'usage.error_rate',
    type: 'threshold_above',
    threshold: 0.05,
    windowSeconds: 5 * MINUTE_SECONDS,
    forSeconds: 5 * MINUTE_SECONDS,
    severity: 'critical',
  },
  {
    ...model,
    name: 'High p95 latency',
    description: 'One of 20 requests to a model took longer than two seconds, for ten minutes.',
    metric: 'usage.latency_p95',
    type: 'threshold_above',
    threshold: 2_000,
    windowSeconds: 5 * MINUTE_SECONDS,
    forSeconds: 10 * MINUTE_SECONDS,
    severity: 'warning',
  },
  {
    ...model,
    name: 'High p99 latency',
    description: 'One of 100 requests to a model took longer than five seconds, for five minutes.',
    metric: 'usage.latency_p99',
    type: 'threshold_above',
    threshold: 5_000,
    windowSeconds: 5 * MINUTE_SECONDS,
    forSeconds: 5 * MINUTE_SECONDS,
    severity: 'warning',
  },
  {
    ...model,
    name: 'Error rate spike',
    description: 'The error rate of a model has tripled within 15 minutes, by at least two points.',
    metric: 'usage.error_rate',
    type: 'rate_of_change',
    threshold: 200,
    floor: 0.005,
    minimumChange: 0.02,
    windowSeconds: 15 * MINUTE_SECONDS,
    severity: 'critical',
  },
  {
    ...model,
    name: 'Latency spike',
    description:
      'The p95 latency of a model has doubled within 15 minutes, by at least a quarter of a second.',
    metric: 'usage.latency_p95',
    type: 'rate_of_change',
    threshold: 100,
    minimumChange: 250,
    windowSeconds: 15 * MINUTE_SECONDS,
    severity: 'warning',
  },
  {
    name: 'Numbers are delayed',
    description: 'Events that were stored ten minutes ago are in no numbers yet.',
    metric: 'freshness.lag_seconds',
    type: 'threshold_above',
    threshold: 600,
    recoveryThreshold: 60,
    forSeconds: 2 * MINUTE_SECONDS,
    intervalSeconds: 30,
    severity: 'critical',
  },
];

/** Ready-made rules, by the name of their pack. */
const rulePacks: ReadonlyMap<string, readonly Record<string, unknown>[]> = new Map([
  ['reliability', reliability],
  // By the number of the service description that names these rules.
  ['s2', reliability],
]);

export const packNames: readonly string[] = [...rulePacks.keys()];

/**
 * The rules of a pack.
 * @param orgId the org they are for; null: all orgs, with an alert for each
 */
export function rulesOfPack(pack: string, orgId: string | null): Rule[] {
  return (rulePacks.get(pack) ?? []).map((given) => {
    const watchesModels = given.metric !== 'freshness.lag_seconds';
    const groupBy = watchesModels ? [...(orgId === null ? [ORG_GROUP] : []), 'modelId'] : [];
    const rule = readRule({ ...given, groupBy }, { allOrgs: orgId === null });
    if (Array.isArray(rule)) throw new Error(`the rule ${given.name}: ${JSON.stringify(rule)}`);
    return rule;
  });
}

/** What became of a rule of a pack. */
export interface PackedRule {
  orgId: string | null;
  rule: Rule;
  /** `there`: the org has a rule of that name, which stays as it is. */
  outcome: 'added' | 'there';
}

/**
 * Adds the rules of a pack that are not there; each addition is in the audit log.
 * @param orgIds the orgs that get them; null stands for all orgs together
 */
export async function installPack(
  database: Database,
  changes: Pick<ConfigChanges, 'importAll'>,
  { pack, orgIds, dryRun }: { pack: string; orgIds: readonly (string | null)[]; dryRun: boolean },
  caller: Caller,
): Promise<PackedRule[]> {
  const existing = await listConfigs(database, { scope: 'all', limit: 100_000 });
  const isThere = (orgId: string | null, { name }: Rule) =>
    existing.some((config) => config.orgId === orgId && config.name === name);
  const packed = orgIds.flatMap((orgId) =>
    rulesOfPack(pack, orgId).map(
      (rule): PackedRule => ({ orgId, rule, outcome: isThere(orgId, rule) ? 'there' : 'added' }),
    ),
  );
  const wanted = packed.filter(({ outcome }) => outcome === 'added');
  await changes.importAll(wanted, 'all', { prune: false, dryRun }, caller);
  return packed;
}
