import type { OrgScope } from '../../auth/caller.ts';
import type { Database } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { Rule } from '../rules/rule.ts';
import { ruleFields } from '../rules/rule-fields.ts';

/** A rule with its owner and its state. Times are ISO 8601. */
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
  /** Since when it waits for its evaluation, if it has waited for longer than usual. */
  waitingSince: string | null;
  lastEvaluatedAt: string | null;
  /** The failure or the limitation of the last evaluation; null: it had none. */
  failure: string | null;
  /** The number of its open alerts. */
  openAlerts: number;
  /** The name of a built-in rule, with which Tidemark watches itself; null: any other rule. */
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
  is_waiting: boolean;
  last_evaluated_at: Date | null;
  failure: string | null;
  open_alerts: number;
  built_in: string | null;
}

const SELECT = `
  select c.id, c.org_id, c.rule, c.version, c.created_at, c.created_by, c.updated_at, c.updated_by, c.silenced_until,
    c.next_evaluation_at, c.enabled and c.next_evaluation_at < now() - interval '5 s' as is_waiting, c.last_evaluated_at, c.failure, c.built_in,
    (select count(*) from analytics.alert_states s
     where s.config_id = c.id and s.state ->> 'workflow' in ('open', 'acknowledged')) as open_alerts
  from analytics.alert_configs c`;

const addedFields = { groupGoneSeconds: null, runbookUrl: null, timezone: null, escalation: [] };

/**
 * A rule with its fields in the order that people read, and that files of rules have. jsonb has an order of its own.
 */
function inOrder(stored: Rule): Rule {
  // An earlier version has stored rules without these fields.
  const rule: Rule = {
    ...addedFields,
    ...stored,
    repeatSeconds: stored.repeatSeconds ?? stored.cooldownSeconds,
  };
  return {
    ...(Object.fromEntries(
      Object.keys(ruleFields).map((name) => [name, rule[name as keyof Rule]]),
    ) as unknown as Rule),
    channels: inOrderOfPeople(rule.channels),
    escalation: rule.escalation.map(({ afterSeconds, channels }) => ({
      afterSeconds,
      channels: inOrderOfPeople(channels),
    })),
  };
}

function inOrderOfPeople<T extends { channel: unknown }>(channels: readonly T[]): T[] {
  return channels.map(({ channel, ...more }) => ({ channel, ...more }) as T);
}

function configOf(row: ConfigRow): AlertConfig {
  return {
    id: row.id,
    orgId: row.org_id,
    ...inOrder(row.rule),
    version: row.version,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.toISOString(),
    updatedBy: row.updated_by,
    silencedUntil: row.silenced_until?.toISOString() ?? null,
    nextEvaluationAt: row.next_evaluation_at.toISOString(),
    waitingSince: row.is_waiting ? row.next_evaluation_at.toISOString() : null,
    lastEvaluatedAt: row.last_evaluated_at?.toISOString() ?? null,
    failure: row.failure,
    openAlerts: row.open_alerts,
    builtIn: row.built_in,
  };
}

export interface ConfigsWanted {
  scope: OrgScope;
  metric?: string;
  severity?: string;
  type?: string;
  enabled?: boolean;
  /** A part of the name, in any case. */
  name?: string;
  /** Only configs after this place in the list. */
  after?: { name: string; id: string };
  limit: number;
}

/** Lists a page of configs, by name and then id. */
export async function listConfigs(database: Database, wanted: ConfigsWanted): Promise<AlertConfig[]> {
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
}

/**
 * Reads configs by their ids.
 * @param lock the clause that locks the rows, such as `for update of c`. Rows are locked in the order of their ids
 * @returns the configs that exist in the scope
 */
export async function readConfigs(
  database: Database,
  ids: readonly string[],
  scope: OrgScope,
  lock = '',
): Promise<Map<string, AlertConfig>> {
  const { rows } = await database.query<ConfigRow>(
    `${SELECT} where c.id = any($1::uuid[]) and ($2::text[] is null or c.org_id = any($2)) order by c.id ${lock}`,
    [ids, scope === 'all' ? null : scope],
  );
  return new Map(rows.map((row) => [row.id, configOf(row)]));
}

/** @throws {CodedError} `not_found`, also for a config outside the scope */
export async function readConfig(database: Database, id: string, scope: OrgScope): Promise<AlertConfig> {
  const config = (await readConfigs(database, [id], scope)).get(id);
  if (config) return config;
  throw new CodedError('not_found', `There is no alert config ${id}.`);
}

/** The fields of a config that the service sets. */
export const ownFields = [
  'id',
  'orgId',
  'version',
  'createdAt',
  'createdBy',
  'updatedAt',
  'updatedBy',
  'nextEvaluationAt',
  'waitingSince',
  'lastEvaluatedAt',
  'failure',
  'openAlerts',
  'builtIn',
] as const satisfies (keyof AlertConfig)[];

/** The rule of a config, without the fields around it. */
export function ruleOfConfig(config: AlertConfig): Rule {
  const around: readonly string[] = [...ownFields, 'silencedUntil'];
  // The remaining fields of a config are its rule.
  return Object.fromEntries(
    Object.entries(config).filter(([name]) => !around.includes(name)),
  ) as unknown as Rule;
}
