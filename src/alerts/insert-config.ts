import type { Database } from '../database/pool.ts';
import type { Rule } from './rule.ts';

interface NewConfig {
  /** Null: all orgs together. */
  orgId: string | null;
  rule: Rule;
  /** The name of a rule that the service makes for itself; null for all others. */
  builtIn: string | null;
  /** No notices before (milliseconds); null: none are kept back. */
  silencedUntil: number | null;
  actorId: string;
  /** Milliseconds. */
  now: number;
}

/**
 * Enters a config, due at once; its id.
 * @param whenTaken what becomes of it where its name, or that of the built-in rule, is taken: the database's error,
 *   or `undefined` instead of an id
 */
export const insertConfig = async (
  database: Database,
  { orgId, rule, builtIn, silencedUntil, actorId, now }: NewConfig,
  whenTaken: 'fail' | 'leave',
): Promise<string | undefined> => {
  const { rows } = await database.query<{ id: string }>(
    `insert into analytics.alert_configs (org_id, name, rule, metric, severity, enabled, on_data, interval_seconds,
       created_at, created_by, updated_at, updated_by, next_evaluation_at, built_in, silenced_until)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9, $10, $9, $11, $12)
     ${whenTaken === 'leave' ? 'on conflict do nothing' : ''}
     returning id`,
    [
      orgId,
      rule.name,
      JSON.stringify(rule),
      rule.metric,
      rule.severity,
      rule.enabled,
      rule.onData,
      rule.intervalSeconds,
      new Date(now),
      actorId,
      builtIn,
      silencedUntil === null ? null : new Date(silencedUntil),
    ],
  );
  return rows[0]?.id;
};
