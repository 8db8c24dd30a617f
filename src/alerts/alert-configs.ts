import type { PoolClient } from 'pg';
import { type Database, withTransaction } from '../database/pool.ts';
import { CodedError } from '../errors.ts';
import type { RouteNotice } from '../notifications/route-notice.ts';
import { closeAlerts } from './close-alerts.ts';
import { insertConfig } from './insert-config.ts';
import { type Rule, subjectOf } from './rule.ts';

/** A rule with an owner. Times are ISO 8601. */
export interface AlertConfig extends Rule {
  id: string;
  /** Null: all orgs together. */
  orgId: string | null;
  version: number;
  createdAt: string;
  createdBy: string;
  updatedAt: string;
  updatedBy: string;
  silencedUntil: string | null;
  nextEvaluationAt: string;
  lastEvaluatedAt: string | null;
  /** What the last evaluation said, if it failed. */
  failure: string | null;
  /** How many of its alerts are open. */
  openAlerts: number;
  /** The name of a rule that Tidemark made to watch itself; else null. */
  builtIn: string | null;
}

interface ConfigRow {
  id: string;
  org_id: string | null;
  rule: Rule;
  version: number;
  created_at: Date;
  created_by: string;
  updated_at: Date;
  updated_by: string;
  silenced_until: Date | null;
  next_evaluation_at: Date;
  last_evaluated_at: Date | null;
  failure: string | null;
  open_alerts: number;
  built_in: string | null;
}

const SELECT = `
  select c.id, c.org_id, c.rule, c.version, c.created_at, c.created_by, c.updated_at, c.updated_by, c.silenced_until,
    c.next_evaluation_at, c.last_evaluated_at, c.failure, c.built_in,
    (select count(*) from analytics.alert_states s
     where s.config_id = c.id and s.state ->> 'workflow' in ('open', 'acknowledged')) as open_alerts
  from analytics.alert_configs c`;

const configOf = (row: ConfigRow): AlertConfig => ({
  id: row.id,
  orgId: row.org_id,
  ...row.rule,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  updatedAt: row.updated_at.toISOString(),
  updatedBy: row.updated_by,
  silencedUntil: row.silenced_until?.toISOString() ?? null,
  nextEvaluationAt: row.next_evaluation_at.toISOString(),
  lastEvaluatedAt: row.last_evaluated_at?.toISOString() ?? null,
  failure: row.failure,
  openAlerts: row.open_alerts,
  builtIn: row.built_in,
});

/** Whose configs are meant: those of these orgs, or every one. */
export type OrgScope = readonly string[] | 'all';

export interface ConfigsWanted {
  scope: OrgScope;
  metric?: string;
  severity?: string;
  type?: string;
  enabled?: boolean;
  /** Part of the name, in whatever case. */
  name?: string;
  /** Only what comes after this place in the list. */
  after?: { name: string; id: string };
  limit: number;
}

/** Configs by name, then id; a page of them. */
export const listConfigs = async (database: Database, wanted: ConfigsWanted): Promise<AlertConfig[]> => {
  const { rows } = await database.query<ConfigRow>(
    `${SELECT}
     where ($1::text[] is null or c.org_id = any($1)) and ($2::text is null or c.metric = $2)
       and ($3::text is null or c.severity = $3) and ($4::text is null or c.rule ->> 'type' = $4)
       and ($5::boolean is null or c.enabled = $5)
       and ($6::text is null or position(lower($6) in lower(c.name)) > 0)
       and ($8::uuid is null or (c.name, c.id) > ($7::text, $8::uuid))
     order by c.name, c.id
     limit $9`,
    [
      wanted.scope === 'all' ? null : wanted.scope,
      wanted.metric ?? null,
      wanted.severity ?? null,
      wanted.type ?? null,
      wanted.enabled ?? null,
      wanted.name ?? null,
      wanted.after?.name ?? null,
      wanted.after?.id ?? null,
      wanted.limit,
    ],
  );
  return rows.map(configOf);
};

/** @throws {CodedError} `not_found`, also for who may not know that there is one */
export const readConfig = async (
  database: Database,
  id: string,
  scope: OrgScope,
  lock = '',
): Promise<AlertConfig> => {
  const { rows } = await database.query<ConfigRow>(
    `${SELECT} where c.id = $1 and ($2::text[] is null or c.org_id = any($2)) ${lock}`,
    [id, scope === 'all' ? null : scope],
  );
  const row = rows[0];
  if (!row) throw new CodedError('not_found', `There is no alert config ${id}.`);
  return configOf(row);
};

/** What of a config the service sets by itself. */
export const ownFields = [
  'id',
  'orgId',
  'version',
  'createdAt',
  'createdBy',
  'updatedAt',
  'updatedBy',
  'nextEvaluationAt',
  'lastEvaluatedAt',
  'failure',
  'openAlerts',
  'builtIn',
] as const satisfies (keyof AlertConfig)[];

/** The rule of a config, without what is around it. */
export const ruleOfConfig = (config: AlertConfig): Rule => {
  const around: readonly string[] = [...ownFields, 'silencedUntil'];
  // What is left of a config is its rule.
  return Object.fromEntries(
    Object.entries(config).filter(([name]) => !around.includes(name)),
  ) as unknown as Rule;
};

/** Who changes a config, and when. */
export interface Change {
  actorId: string;
  /** Milliseconds. */
  now: number;
}

const UNIQUE_VIOLATION = '23505';

/** Runs it in a savepoint of the caller's transaction, as a name that is taken must not end all of that. */
const refuseTakenName = async <T>(client: PoolClient, name: string, run: () => Promise<T>): Promise<T> => {
  await client.query('savepoint name');
  try {
    return await run();
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    await client.query('rollback to savepoint name');
    const message = `is taken: there is a rule named ${JSON.stringify(name)} already`;
    throw new CodedError('conflict', `The name ${message}.`, { faults: [{ path: '$.name', message }] });
  }
};

/**
 * Adds a config, due at once.
 * @throws {CodedError} `conflict` if the org has one of that name
 */
export const createConfig = (
  database: Database,
  orgId: string | null,
  rule: Rule,
  { silencedUntil = null, ...change }: Change & { silencedUntil?: number | null },
): Promise<AlertConfig> =>
  withTransaction(database, async (client) => {
    const id = await refuseTakenName(client, rule.name, () =>
      insertConfig(client, { orgId, rule, builtIn: null, silencedUntil, ...change }, 'fail'),
    );
    return readConfig(client, id ?? '', 'all');
  });

interface Update extends Change {
  rule: Rule;
  silencedUntil: number | null;
  /** The version it is thought to have; `undefined` for whatever it has. */
  version?: number | undefined;
}

/**
 * Changes a config. Where it no longer watches the same, or is disabled, its open alerts end.
 * @throws {CodedError} `not_found`, `precondition_failed` when it has another version, `conflict` when the name is taken
 */
export const updateConfig = (
  database: Database,
  route: RouteNotice,
  id: string,
  scope: OrgScope,
  { rule, silencedUntil, version, actorId, now }: Update,
): Promise<{ before: AlertConfig; after: AlertConfig }> =>
  withTransaction(database, async (client) => {
    const before = await readConfig(client, id, scope, 'for update of c');
    refuseOtherVersion(before, version);
    const old = ruleOfConfig(before);
    const source = { configId: id, orgId: before.orgId, rule: old };
    // Silenced as it is, or by this very change.
    const closing = { now, actorId, silencedUntil: Math.max(silencedUntilOf(before), silencedUntil ?? 0) };
    if (subjectOf(old) !== subjectOf(rule)) {
      await closeAlerts(client, route, source, 'rule_changed', closing);
    } else if (old.enabled && !rule.enabled) {
      await closeAlerts(client, route, source, 'rule_disabled', closing);
    }
    await refuseTakenName(client, rule.name, () =>
      client.query(
        `update analytics.alert_configs
         set name = $2, rule = $3, metric = $4, severity = $5, enabled = $6, on_data = $7, interval_seconds = $8,
           silenced_until = $9, updated_at = $10, updated_by = $11, version = version + 1, next_evaluation_at = $10,
           last_evaluated_at = case when enabled then last_evaluated_at end, failures = 0, failure = null
         where id = $1`,
        [
          id,
          rule.name,
          JSON.stringify(rule),
          rule.metric,
          rule.severity,
          rule.enabled,
          rule.onData,
          rule.intervalSeconds,
          silencedUntil === null ? null : new Date(silencedUntil),
          new Date(now),
          actorId,
        ],
      ),
    );
    return { before, after: await readConfig(client, id, 'all') };
  });

const silencedUntilOf = ({ silencedUntil }: AlertConfig): number =>
  silencedUntil === null ? 0 : Date.parse(silencedUntil);

const refuseOtherVersion = (config: AlertConfig, version: number | undefined): void => {
  if (version === undefined || version === config.version) return;
  throw new CodedError(
    'precondition_failed',
    `It has been changed since: it has version ${config.version}, not ${version}. Read it again.`,
    { faults: [{ path: 'If-Match', message: `must be "${config.version}"` }] },
  );
};

/**
 * Removes a config. Its open alerts end; the history stays.
 * @throws {CodedError} `not_found`, `precondition_failed`
 */
export const deleteConfig = (
  database: Database,
  route: RouteNotice,
  id: string,
  scope: OrgScope,
  { version, actorId, now }: Change & { version?: number | undefined },
): Promise<AlertConfig> =>
  withTransaction(database, async (client) => {
    const before = await readConfig(client, id, scope, 'for update of c');
    refuseOtherVersion(before, version);
    const source = { configId: id, orgId: before.orgId, rule: ruleOfConfig(before) };
    const silencedUntil = silencedUntilOf(before);
    await closeAlerts(client, route, source, 'rule_deleted', { now, actorId, silencedUntil });
    await client.query('delete from analytics.alert_configs where id = $1', [id]);
    return before;
  });
