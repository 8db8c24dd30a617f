import type { Pool, PoolClient } from 'pg';
import type { Actor } from '../../auth/actor.ts';
import { recordAudits } from '../../auth/audit.ts';
import type { Caller, OrgScope } from '../../auth/caller.ts';
import { withTransaction } from '../../database/pool.ts';
import { refuse } from '../../errors.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import type { Clock } from '../../time.ts';
import { readRule } from '../rules/read-rule.ts';
import type { Rule } from '../rules/rule.ts';
import { type AlertConfig, listConfigs, ruleOfConfig } from './alert-configs.ts';
import { checkDestinations } from './check-destinations.ts';
import { checkReach, isOverPromql, mayAskPrometheus } from './check-reach.ts';
import type { Change, NewConfig } from './insert-configs.ts';
import { type ConfigChange, type NamedRule, planImport } from './plan-import.ts';
import { type ConfigUpdate, createConfigs, deleteConfigs, updateConfigs } from './store-configs.ts';

export interface ChangeOptions {
  pool: Pool;
  clock: Clock;
  /** Who is told that the alerts of a changed config are over. */
  route: RouteNotice;
  /** What rules may call Slack's webhooks; `undefined` where this process cannot know. */
  slackNames: readonly string[] | undefined;
}

/** @throws {CodedError} `invalid_request` with every fault */
export function ruleFrom(input: unknown, orgId: string | null): Rule {
  const rule = readRule(input, { allOrgs: orgId === null });
  if (!Array.isArray(rule)) return rule;
  throw refuse('In the body', rule);
}

/** More than anybody has configs. */
const EVERY_CONFIG = 100_000;

export type ConfigChanges = ReturnType<typeof createConfigChanges>;

/** Changes configs; each change is in the audit log with what was before and after, in the same transaction. */
export function createConfigChanges({ pool, clock, route, slackNames }: ChangeOptions) {
  const audit = (
    client: PoolClient,
    caller: Caller,
    action: 'create' | 'update' | 'delete',
    changes: readonly { before?: AlertConfig; after?: AlertConfig }[],
  ): Promise<void> =>
    recordAudits(
      client,
      clock,
      changes.map(({ before, after }) => {
        const { orgId, id } = after ?? before ?? {};
        return {
          ...caller,
          action: `alert_config.${action}`,
          ...(orgId && { orgId }),
          ...(id && { subject: id }),
          ...(before && { before: kept(before) }),
          ...(after && { after: kept(after) }),
        };
      }),
    );
  const change = ({ actor }: Caller): Change => ({ actorId: actor.id, now: clock.now() });

  const enter = async (client: PoolClient, wanted: readonly NewConfig[], caller: Caller) => {
    const made = await createConfigs(client, wanted, change(caller));
    await audit(
      client,
      caller,
      'create',
      made.map((after) => ({ after })),
    );
    return made;
  };

  const alter = async (
    client: PoolClient,
    scope: OrgScope,
    updates: readonly ConfigUpdate[],
    caller: Caller,
  ) => {
    const changes = await updateConfigs(client, route, scope, updates, change(caller));
    await audit(client, caller, 'update', changes);
    return changes;
  };

  const drop = async (
    client: PoolClient,
    scope: OrgScope,
    wanted: readonly Pick<ConfigUpdate, 'id' | 'version'>[],
    caller: Caller,
  ) => {
    const gone = await deleteConfigs(client, route, scope, wanted, change(caller));
    await audit(
      client,
      caller,
      'delete',
      gone.map((before) => ({ before })),
    );
    return gone;
  };

  return {
    /**
     * @throws {CodedError} `invalid_request` when it names a webhook, or one of Slack, that is not there, `forbidden`
     *   when it is over PromQL
     */
    add: (config: NewConfig, caller: Caller): Promise<AlertConfig> =>
      withTransaction(pool, async (client) => {
        checkReach(caller.actor, [{ ...config.rule, at: '$' }]);
        await checkDestinations(client, [{ ...config, at: '$' }], slackNames, 'In the body');
        return only(await enter(client, [config], caller));
      }),
    /**
     * @throws {CodedError} `invalid_request` when it names a webhook, or one of Slack, that is not there, `forbidden`
     *   when it is or was over PromQL; and what `updateConfigs` throws
     */
    update: (scope: OrgScope, wanted: ConfigUpdate, caller: Caller): Promise<AlertConfig> =>
      withTransaction(pool, async (client) => {
        const { before, after } = only(await alter(client, scope, [wanted], caller));
        checkReach(caller.actor, [
          { ...before, at: '$' },
          { ...after, at: '$' },
        ]);
        await checkDestinations(
          client,
          [{ ...after, rule: wanted.rule, at: '$' }],
          slackNames,
          'In the body',
        );
        return after;
      }),
    /** @throws {CodedError} `forbidden` when it is over PromQL; and what `deleteConfigs` throws */
    remove: (scope: OrgScope, wanted: Pick<ConfigUpdate, 'id' | 'version'>, caller: Caller): Promise<void> =>
      withTransaction(pool, async (client) => {
        const gone = await drop(client, scope, [wanted], caller);
        checkReach(caller.actor, [{ ...only(gone), at: '$' }]);
      }),
    /**
     * Makes the configs of a scope what is wanted: all of it, or nothing.
     * @param options `prune` removes configs that are not wanted; `dryRun` only says what would change
     * @throws {CodedError} as `add` and `update` do
     */
    importAll: (
      wanted: readonly NamedRule[],
      scope: OrgScope,
      { prune, dryRun }: { prune: boolean; dryRun: boolean },
      caller: Caller,
    ): Promise<ConfigChange[]> =>
      withTransaction(pool, async (client) => {
        const sent = wanted.map((named, index) => ({ ...named, at: `$.alerts[${index}]` }));
        await checkDestinations(client, sent, slackNames, 'Nothing was imported');
        const existing = await listConfigs(client, { scope, limit: EVERY_CONFIG });
        const changes = planImport(existing, wanted, prune && mayRemove(caller.actor));
        checkReach(caller.actor, reachOf(changes));
        if (dryRun) return changes;
        await drop(client, scope, changes.filter(isOf('delete')), caller);
        await alter(client, scope, changes.filter(isOf('update')), caller);
        await enter(client, changes.filter(isOf('create')), caller);
        return changes;
      }),
  };
}

function mayRemove(actor: Actor) {
  return (config: AlertConfig): boolean => !isOverPromql(config) || mayAskPrometheus(actor);
}

function isOf<A extends ConfigChange['action']>(action: A) {
  return (change: ConfigChange): change is Extract<ConfigChange, { action: A }> => change.action === action;
}

/** The one there is, where one was asked for. */
function only<T>([one]: readonly T[]): T {
  if (one === undefined) throw new Error('what was changed is not there');
  return one;
}

/** What an import makes and changes, each rule as it was and as it is to be. */
function reachOf(changes: readonly ConfigChange[]): { metric: unknown; at: string }[] {
  return changes
    .filter(({ action }) => action !== 'delete')
    .flatMap(({ action, rule, fields }, index) =>
      action === 'unchanged'
        ? []
        : [rule?.metric, fields.metric?.before].map((metric) => ({ metric, at: `$.alerts[${index}]` })),
    );
}

/** What the audit log keeps of a config. */
function kept(config: AlertConfig) {
  return {
    orgId: config.orgId,
    version: config.version,
    silencedUntil: config.silencedUntil,
    ...ruleOfConfig(config),
  };
}
