import type { Pool, PoolClient } from 'pg';
import type { Actor } from '../auth/actor.ts';
import { createAudit } from '../auth/audit.ts';
import { withTransaction } from '../database/pool.ts';
import { refuse } from '../errors.ts';
import type { RouteNotice } from '../notifications/route-notice.ts';
import type { Clock } from '../time.ts';
import {
  type AlertConfig,
  createConfig,
  deleteConfig,
  listConfigs,
  type OrgScope,
  ruleOfConfig,
  updateConfig,
} from './alert-configs.ts';
import { checkDestinations } from './check-destinations.ts';
import { checkReach, isOverPromql, mayAskPrometheus } from './check-reach.ts';
import { type ConfigChange, type NamedRule, planImport } from './import-configs.ts';
import { readRule } from './read-rule.ts';
import type { Rule } from './rule.ts';

export interface ChangeOptions {
  pool: Pool;
  clock: Clock;
  /** Who is told that the alerts of a changed config are over. */
  route: RouteNotice;
}

/** Who asks for a change, and how. */
export interface Asking {
  actor: Actor;
  /** Method and pattern of the route. */
  route: string;
  requestId: string;
}

/** @throws {CodedError} `invalid_request` with every fault */
export const ruleFrom = (input: unknown, orgId: string | null): Rule => {
  const rule = readRule(input, { allOrgs: orgId === null });
  if (!Array.isArray(rule)) return rule;
  throw refuse('In the body', rule);
};

/** More than anybody has configs. */
const EVERY_CONFIG = 100_000;

export type ConfigChanges = ReturnType<typeof createConfigChanges>;

/** Changes configs; each change is in the audit log with what was before and after, in the same transaction. */
export const createConfigChanges = ({ pool, clock, route }: ChangeOptions) => {
  const audited = async (
    client: PoolClient,
    asking: Asking,
    action: 'create' | 'update' | 'delete',
    before: AlertConfig | undefined,
    after: AlertConfig | undefined,
  ): Promise<void> => {
    const { orgId, id } = after ?? before ?? {};
    await createAudit(
      client,
      clock,
    )({
      ...asking,
      action: `alert_config.${action}`,
      ...(orgId && { orgId }),
      ...(id && { subject: id }),
      ...(before && { before: kept(before) }),
      ...(after && { after: kept(after) }),
    });
  };
  const change = ({ actor }: Asking) => ({ actorId: actor.id, now: clock.now() });

  const enter = async (
    client: PoolClient,
    { orgId, rule }: NamedRule,
    silencedUntil: number | null,
    asking: Asking,
  ): Promise<AlertConfig> => {
    const made = await createConfig(client, orgId, rule, { silencedUntil, ...change(asking) });
    await audited(client, asking, 'create', undefined, made);
    return made;
  };

  const alter = async (
    client: PoolClient,
    id: string,
    scope: OrgScope,
    wanted: { rule: Rule; silencedUntil: number | null; version?: number | undefined },
    asking: Asking,
  ): Promise<AlertConfig> => {
    const { before, after } = await updateConfig(client, route, id, scope, { ...wanted, ...change(asking) });
    checkReach(asking.actor, [
      { ...before, at: '$' },
      { ...after, at: '$' },
    ]);
    await audited(client, asking, 'update', before, after);
    return after;
  };

  const remove = (
    id: string,
    scope: OrgScope,
    version: number | undefined,
    asking: Asking,
    client?: PoolClient,
  ): Promise<void> =>
    withTransaction(client ?? pool, async (inside) => {
      const before = await deleteConfig(inside, route, id, scope, { version, ...change(asking) });
      checkReach(asking.actor, [{ ...before, at: '$' }]);
      await audited(inside, asking, 'delete', before, undefined);
    });

  return {
    /** @throws {CodedError} `invalid_request` when it names a webhook that is not there, `forbidden` when it is over PromQL */
    add: (
      orgId: string | null,
      { rule, silencedUntil }: { rule: Rule; silencedUntil: number | null },
      asking: Asking,
    ): Promise<AlertConfig> =>
      withTransaction(pool, async (client) => {
        checkReach(asking.actor, [{ ...rule, at: '$' }]);
        await checkDestinations(client, [{ orgId, rule, at: '$' }], 'In the body');
        return enter(client, { orgId, rule }, silencedUntil, asking);
      }),
    /**
     * @throws {CodedError} `invalid_request` when it names a webhook that is not there, `forbidden` when it is or was
     *   over PromQL; and what `updateConfig` throws
     */
    update: (
      id: string,
      scope: OrgScope,
      wanted: Parameters<typeof alter>[3],
      asking: Asking,
    ): Promise<AlertConfig> =>
      withTransaction(pool, async (client) => {
        const after = await alter(client, id, scope, wanted, asking);
        await checkDestinations(client, [{ ...after, rule: wanted.rule, at: '$' }], 'In the body');
        return after;
      }),
    remove,
    /**
     * Makes the configs of a scope what is wanted: all of it, or nothing.
     * @param options `prune` removes configs that are not wanted; `dryRun` only says what would change
     * @throws {CodedError} as `add` and `update` do
     */
    importAll: (
      wanted: readonly NamedRule[],
      scope: OrgScope,
      { prune, dryRun }: { prune: boolean; dryRun: boolean },
      asking: Asking,
    ): Promise<ConfigChange[]> =>
      withTransaction(pool, async (client) => {
        const sent = wanted.map((named, index) => ({ ...named, at: `$.alerts[${index}]` }));
        await checkDestinations(client, sent, 'Nothing was imported');
        const existing = await listConfigs(client, { scope, limit: EVERY_CONFIG });
        const changes = planImport(existing, wanted, prune && mayRemove(asking.actor));
        checkReach(asking.actor, reachOf(changes));
        if (dryRun) return changes;
        for (const { action, id, rule, orgId } of changes) {
          if (action === 'create' && rule) await enter(client, { orgId, rule }, null, asking);
          if (action === 'delete' && id) await remove(id, scope, undefined, asking, client);
          if (action !== 'update' || !id || !rule) continue;
          const silenced = existing.find((config) => config.id === id)?.silencedUntil ?? null;
          const silencedUntil = silenced === null ? null : Date.parse(silenced);
          await alter(client, id, scope, { rule, silencedUntil }, asking);
        }
        return changes;
      }),
  };
};

const mayRemove =
  (actor: Actor) =>
  (config: AlertConfig): boolean =>
    !isOverPromql(config) || mayAskPrometheus(actor);

/** What an import makes and changes, each rule as it was and as it is to be. */
const reachOf = (changes: readonly ConfigChange[]): { metric: unknown; at: string }[] =>
  changes
    .filter(({ action }) => action !== 'delete')
    .flatMap(({ action, rule, fields }, index) =>
      action === 'unchanged'
        ? []
        : [rule?.metric, fields.metric?.before].map((metric) => ({ metric, at: `$.alerts[${index}]` })),
    );

/** What the audit log keeps of a config. */
const kept = (config: AlertConfig) => ({
  orgId: config.orgId,
  version: config.version,
  silencedUntil: config.silencedUntil,
  ...ruleOfConfig(config),
});
