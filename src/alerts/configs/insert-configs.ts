import { randomUUID } from 'node:crypto';
import type { Database } from '../../database/pool.ts';
import type { Rule } from '../rules/rule.ts';

/** The person who changes configs, and the time. */
export interface Change {
  actorId: string;
  /** Milliseconds. */
  now: number;
}

export interface NewConfig {
  /** Null: all orgs together. */
  orgId: string | null;
  rule: Rule;
  /** The name of a built-in rule; absent for all others. */
  builtIn?: string;
  /** No notice is sent before this moment (milliseconds); null or absent: the rule is not silenced. */
  silencedUntil?: number | null | undefined;
}

/**
 * The columns that repeat fields of the rule, so that queries can find configs by them. `OF_RULE` has their values from
 * a row `r` with only the rule.
 */
export const RULE_COLUMNS = 'name, rule, metric, severity, enabled, on_data, interval_seconds';
export const OF_RULE = `r.rule ->> 'name', r.rule, r.rule ->> 'metric', r.rule ->> 'severity',
  (r.rule ->> 'enabled')::boolean, (r.rule ->> 'onData')::boolean, (r.rule ->> 'intervalSeconds')::integer`;

/**
 * Adds configs, due at once, in one statement: ten thousand of them one by one took over a minute.
 * @returns the id of each; `undefined`: its name, or the name of the built-in rule, is taken
 */
export async function insertConfigs(
  database: Database,
  configs: readonly NewConfig[],
  { actorId, now }: Change,
): Promise<(string | undefined)[]> {
  const given = configs.map(({ orgId, rule, builtIn, silencedUntil = null }) => ({
    id: randomUUID(),
    org_id: orgId,
    rule,
    built_in: builtIn ?? null,
    silenced_until: silencedUntil === null ? null : new Date(silencedUntil),
  }));
  const { rows } = await database.query<{ id: string }>(
    `insert into analytics.alert_configs (id, org_id, ${RULE_COLUMNS}, built_in, silenced_until,
       created_at, created_by, updated_at, updated_by, next_evaluation_at)
     select r.id, r.org_id, ${OF_RULE}, r.built_in, r.silenced_until, $2, $3, $2, $3, $2
     from jsonb_to_recordset($1::jsonb) as r (id uuid, org_id text, rule jsonb, built_in text,
       silenced_until timestamptz)
     on conflict do nothing
     returning id`,
    [JSON.stringify(given), new Date(now), actorId],
  );
  const entered = new Set(rows.map(({ id }) => id));
  return given.map(({ id }) => (entered.has(id) ? id : undefined));
}
