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
  const message = `is taken: there is a rule named ${JSON.stringify(name)} already`;
  return new CodedError('conflict', `The name ${message}.`, { faults: [{ path: '$.name', message }] });
}

/**
 * Adds configs, due at once: all of them, or none.
 * @throws {CodedError} `conflict` if an org has one of that name
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

/** A change of a config. */
export interface ConfigUpdate {
  id: string;
  rule: Rule;
  /** No notices before (milliseconds); null: none are kept back; absent: as it is. */
  silencedUntil?: number | null;
  /** The version it is thought to have; absent for whatever it has. */
  version?: number | undefined;
}

/**
 * Changes configs: all of them, or none. Where one no longer watches the same, or is disabled, its open alerts end.
 * @returns each as it was and as it is
 * @throws {CodedError} `not_found`, `precondition_failed` when one has another version, `conflict` when a name is taken
 */
export function updateConfigs(
  database: Database,
  route: RouteNotice,
  scope: OrgScope,
  updates: readonly ConfigUpdate[],
  change: Change,
): Promise<{ before: AlertConfig; after: AlertConfig }[]> {
  return withTransaction(database, async (client) => {
    const before = await lockConfigs(client, updates, scope);
    const changes = updates.map((update, index) => {
      const config = before[index] as AlertConfig;
      const { rule, silencedUntil = silencedUntilOf(config) } = update;
      return { config, rule, silencedUntil };
    });
    // Silenced as it is, or by this very change.
    const endings = changes.flatMap(({ config, rule, silencedUntil }) => {
      const reason = endsBy(ruleOfConfig(config), rule);
      const silenced = Math.max(silencedUntilOf(config) ?? 0, silencedUntil ?? 0);
      return reason ? [{ config, reason, silencedUntil: silenced }] : [];
    });
    await endAlerts(client, route, endings, change);
    await writeChanges(client, changes, change);
    const after = await readInOrder(client, idsOf(updates));
    return after.map((config, index) => ({ before: before[index] as AlertConfig, after: config }));
  });
}

/**
 * Removes configs: all of them, or none. Their open alerts end; the history stays.
 * @returns each as it was
 * @throws {CodedError} `not_found`, `precondition_failed`
 */
export function deleteConfigs(
  database: Database,
  route: RouteNotice,
  scope: OrgScope,
  wanted: readonly Pick<ConfigUpdate, 'id' | 'version'>[],
  change: Change,
): Promise<AlertConfig[]> {
  return withTransaction(database, async (client) => {
    const configs = await lockConfigs(client, wanted, scope);
    const endings = configs.map((config) => ({
      config,
      reason: 'rule_deleted' as const,
      silencedUntil: silencedUntilOf(config) ?? 0,
    }));
    await endAlerts(client, route, endings, change);
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

/** Those of these ids, in their order. */
async function readInOrder(client: PoolClient, ids: readonly string[]): Promise<AlertConfig[]> {
  const found = await readConfigs(client, ids, 'all');
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** Keeps them from being evaluated or changed until the transaction ends. */
async function lockConfigs(
  client: PoolClient,
  wanted: readonly Pick<ConfigUpdate, 'id' | 'version'>[],
  scope: OrgScope,
): Promise<AlertConfig[]> {
  const found = await readConfigs(client, idsOf(wanted), scope, 'for update of c');
  return wanted.map(({ id, version }) => {
    const config = found.get(id);
    if (!config) throw new CodedError('not_found', `There is no alert config ${id}.`);
    if (version === undefined || version === config.version) return config;
    throw new CodedError(
      'precondition_failed',
      `It has been changed since: it has version ${config.version}, not ${version}. Read it again.`,
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

/** Ends the open alerts of configs, and forgets how their groups stood. */
async function endAlerts(
  client: PoolClient,
  route: RouteNotice,
  endings: readonly EndOfAlerts[],
  { actorId, now }: Change,
): Promise<void> {
  const ids = endings.map(({ config }) => config.id);
  const { rows } = await client.query<{ id: string }>(
    'select distinct config_id as id from analytics.alert_states where config_id = any($1) and alert_id is not null',
    [ids],
  );
  const alerting = new Set(rows.map(({ id }) => id));
  for (const { config, reason, silencedUntil } of endings) {
    if (!alerting.has(config.id)) continue;
    const source = { configId: config.id, orgId: config.orgId, rule: ruleOfConfig(config) };
    await closeAlerts(client, route, source, reason, { now, actorId, silencedUntil });
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
  } catch (error) {
    const renamed = changes.find(({ config, rule }) => config.name !== rule.name);
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION || !renamed) throw error;
    throw refuseName(renamed.rule.name);
  }
}
