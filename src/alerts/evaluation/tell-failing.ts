import type { PoolClient } from 'pg';
import { ruleNotice } from '../../notifications/notice/rule-notice.ts';
import { enqueue } from '../../notifications/outbox/enqueue.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import { MINUTE } from '../../time.ts';
import type { Rule } from '../rules/rule.ts';
import { readSilencesInForce } from '../silences/silences-in-force.ts';
import type { ClaimedConfig } from './claimed-config.ts';

/**
 * A rule is told about after so many failures in a row, if it will not have been evaluated for so long: a restart of
 * Prometheus is no news.
 */
const FAILURES = 3;
const FAILING_FOR = 2 * MINUTE;

export interface Failing {
  /** The words of the last failure. */
  failure: string;
  /** How many evaluations in a row have failed; 0: the rule is evaluated again. */
  failures: number;
  since: Date;
  /** When it is evaluated next; milliseconds. A rule that keeps failing rests for minutes. */
  next: number;
}

/** Which notice is due. */
function failingNotice(
  isTold: boolean,
  { failures, since, next }: Failing,
): 'rule_failing' | 'rule_evaluated' | null {
  if (failures === 0) return isTold ? 'rule_evaluated' : null;
  return !isTold && failures >= FAILURES && next - since.getTime() >= FAILING_FOR ? 'rule_failing' : null;
}

/**
 * Tells the recipients of a rule that it cannot be evaluated, once, and once that it can again. While the rule is silenced,
 * the first notice waits.
 * @returns whether they know of the failure
 */
export async function tellFailing(
  client: PoolClient,
  route: RouteNotice,
  config: ClaimedConfig,
  { now, next, ...failing }: Failing & { now: number },
): Promise<boolean> {
  const { id: configId, org_id: orgId, failing_told: isTold } = config;
  const kind = failingNotice(isTold, { next, ...failing });
  if (kind === null) return isTold;
  const rule = config.rule as Rule;
  if (kind === 'rule_failing' && (await isSilenced(client, config, rule, now))) return false;
  const { severity, channels, name, metric, description, runbookUrl } = rule;
  const recipients = await route(client, { kind, alertId: configId, orgId, severity, channels });
  const about = { configId, orgId, name, metric, severity, description, runbookUrl, ...failing };
  const at = new Date(now);
  await enqueue(client, { notice: ruleNotice(kind, about, at), transitionId: null, orgId, recipients, at });
  return kind === 'rule_failing';
}

async function isSilenced(
  client: PoolClient,
  { org_id: orgId, silenced_until }: ClaimedConfig,
  rule: Rule,
  now: number,
): Promise<boolean> {
  const ruleUntil = silenced_until?.getTime() ?? null;
  const silencedAt = await readSilencesInForce(client, { orgId, now, ruleUntil });
  const silenced = silencedAt({ rule, group: {}, severity: rule.severity }, now);
  return silenced !== null && now < silenced.until;
}
