import type { PoolClient } from 'pg';
import type { OrgScope } from '../../auth/caller.ts';
import { type Database, withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { ClosingReason } from '../../notifications/notice/reasons.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import { closeAlerts } from '../history/close-alerts.ts';
import { type Rule, subjectOf } from '../rules/rule.ts';
import { type AlertConfig, readConfigs, ruleOfConfig } from './alert-configs.ts';
import { type Change, insertConfigs, type NewConfig, OF_RULE, RULE_COLUMNS } from './insert-configs.ts';

const UNIQUE_VIOLATION = '23505';

function refuseName(name: string): CodedError {
  const message = `is taken: the org already has a rule named ${JSON.stringify(name)}`;
  return new CodedError('conflict', `The name ${message}.`, { faults: [{ path: '$.name', message }] });
}

/**
 * Adds configs, due at once: all of them, or none.
 * @throws {CodedError} `conflict` if the org has a config of that name
 */
export function createConfigs(
  database: Database,
  wanted: readonly NewConfig[],
  change: Change,
): Promise<AlertConfig[]> {
  return withTransaction(database, async (client) => {
    const ids = await insertConfigs(client, wanted, change);
    const taken = wanted.find((_, index) => ids[index] === undefined);
    if (taken) throw refuseName(taken.rule.name);
    return readInOrder(client, ids as string[]);
  });
}

/** A config that is to be changed or removed. */
export interface VersionedConfig {
  id: string;
  /** The version that the caller has read; absent: any version. */
  version?: number | undefined;
}

/** The new rule of a config. */
export interface ConfigUpdate extends VersionedConfig {
  rule: Rule;
  /** No notice is sent before this moment (milliseconds); null: the rule is not silenced; absent: as it is now. */
  silencedUntil?: number | null | undefined;
}

/** A change of configs that can end alerts. */
export interface ScopedChange extends Change {
  /** The orgs whose configs the caller may change. */
  scope: OrgScope;
  /** Finds the recipients of the notices that alerts are over. */
  route: RouteNotice;
}

/**
 * Changes configs: all of them, or none. The open alerts of a config end if it is disabled or watches something else.
 * @returns each config before and after
 * @throws {CodedError} `not_found`; `precondition_failed` if a config has another version; `conflict` if a name is
 *   taken
 */
export function updateConfigs(
  database: Database,
  updates: readonly ConfigUpdate[],
  change: ScopedChange,
): Promise<{ before: AlertConfig; after: AlertConfig }[]> {
  return withTransaction(database, async (client) => {
    const before = await lockConfigs(client, updates, change.scope);
    const changes = updates.map((update, index) => {
      const config = before[index] as AlertConfig;
      const { rule, silencedUntil = silencedUntilOf(config) } = update;
      return { config, rule, silencedUntil };
    });
    // A silence counts whether the rule has it already or gets it by this change.
    const endings = changes.flatMap(({ config, rule, silencedUntil }) => {
      const reason = endsBy(ruleOfConfig(config), rule);
      const silenced = Math.max(silencedUntilOf(config) ?? 0, silencedUntil ?? 0);
      return reason ? [{ config, reason, silencedUntil: silenced }] : [];
    });
    await endAlerts(client, endings, change);
    await writeChanges(client, changes, change);
    const after = await readInOrder(client, idsOf(updates));
    return after.map((config, index) => ({ before: before[index] as AlertConfig, after: config }));
  });
}

/**
 * Removes configs: all of them, or none. Their open alerts end; the history stays.
 * @returns each config before
 * @throws {CodedError} `not_found`, `precondition_failed`
 */
export function deleteConfigs(
  database: Database,
  wanted: readonly VersionedConfig[],
  change: ScopedChange,
): Promise<AlertConfig[]> {
  return withTransaction(database, async (client) => {
    const configs = await lockConfigs(client, wanted, change.scope);
    const endings = configs.map((config) => ({
      config,
      reason: 'rule_deleted' as const,
      silencedUntil: silencedUntilOf(config) ?? 0,
    }));
    await endAlerts(client, endings, change);
    await client.query('delete from analytics.alert_configs where id = any($1)', [idsOf(configs)]);
    return configs;
  });
}

function idsOf(configs: readonly { id: string }[]): string[] {
  return configs.map(({ id }) => id);
}

function silencedUntilOf({ silencedUntil }: AlertConfig): number | null {
  return silencedUntil === null ? null : Date.parse(silencedUntil);
}

/** Reads the configs of some ids, in the order of the ids. */
async function readInOrder(client: PoolClient, ids: readonly string[]): Promise<AlertConfig[]> {
  const found = await readConfigs(client, ids, 'all');
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** Locks configs, so that nobody evaluates or changes them until the transaction ends. */
async function lockConfigs(
  client: PoolClient,
  wanted: readonly VersionedConfig[],
  scope: OrgScope,
): Promise<AlertConfig[]> {
  const found = await readConfigs(client, idsOf(wanted), scope, 'for update of c');
  return wanted.map(({ id, version }) => {
    const config = found.get(id);
    if (!config) throw new CodedError('not_found', `There is no alert config ${id}.`);
    if (version === undefined || version === config.version) return config;
    throw new CodedError(
      'precondition_failed',
      `The config has changed: it has version ${config.version}, not ${version}. Read it again.`,
      { faults: [{ path: 'If-Match', message: `must be "${config.version}"` }] },
    );
  });
}

function endsBy(before: Rule, after: Rule): ClosingReason | undefined {
  if (subjectOf(before) !== subjectOf(after)) return 'rule_changed';
  return before.enabled && !after.enabled ? 'rule_disabled' : undefined;
}

interface EndOfAlerts {
  config: AlertConfig;
  reason: ClosingReason;
  /** Milliseconds. */
  silencedUntil: number;
}

/** Ends the open alerts of configs and drops the states of their groups. */
async function endAlerts(
  client: PoolClient,
  endings: readonly EndOfAlerts[],
  { route, actorId, now }: ScopedChange,
): Promise<void> {
  const ids = endings.map(({ config }) => config.id);
  const { rows } = await client.query<{ id: string }>(
    'select distinct config_id as id from analytics.alert_states where config_id = any($1) and alert_id is not null',
    [ids],
  );
  const alerting = new Set(rows.map(({ id }) => id));
  for (const { config, reason, silencedUntil } of endings) {
    if (!alerting.has(config.id)) continue;
    const configured = { configId: config.id, orgId: config.orgId, rule: ruleOfConfig(config) };
    await closeAlerts(client, route, configured, { reason, now, silencedUntil, actorId });
  }
  await client.query('delete from analytics.alert_states where config_id = any($1)', [ids]);
}

async function writeChanges(
  client: PoolClient,
  changes: readonly { config: AlertConfig; rule: Rule; silencedUntil: number | null }[],
  { actorId, now }: Change,
): Promise<void> {
  const given = changes.map(({ config, rule, silencedUntil }) => ({
    id: config.id,
    rule,
    silenced_until: silencedUntil === null ? null : new Date(silencedUntil),
  }));
  try {
    await client.query(
      `update analytics.alert_configs c
       set (${RULE_COLUMNS}) = (select ${OF_RULE}), silenced_until = r.silenced_until, updated_at = $2, updated_by = $3,
         version = c.version + 1, next_evaluation_at = $2,
         last_evaluated_at = case when c.enabled then c.last_evaluated_at end, failures = 0, failure = null
       from jsonb_to_recordset($1::jsonb) as r (id uuid, rule jsonb, silenced_until timestamptz)
       where c.id = r.id`,
      [JSON.stringify(given), new Date(now), actorId],
    );
    // The steps of the escalation may be others now.
    await client.query(
      'update analytics.alert_states set escalates_at = $2 where config_id = any($1) and alert_id is not null',
      [given.map(({ id }) => id), new Date(now)],
    );
  } catch (error) {
    const renamed = changes.find(({ config, rule }) => config.name !== rule.name);
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION || !renamed) throw error;
    throw refuseName(renamed.rule.name);
  }
}
