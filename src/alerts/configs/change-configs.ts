import type { Pool, PoolClient } from 'pg';
import type { Actor } from '../../auth/actor.ts';
import { type AuditEntry, recordAudits } from '../../auth/audit.ts';
import type { Caller, OrgScope } from '../../auth/caller.ts';
import { withTransaction } from '../../database/pool.ts';
import { refuse } from '../../errors.ts';
import type { SlackNames } from '../../notifications/channels/slack/slack-destinations.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import type { Limits } from '../../quotas/quota.ts';
import type { Clock } from '../../time.ts';
import { readRule } from '../rules/read-rule.ts';
import type { Rule } from '../rules/rule.ts';
import { type AlertConfig, listConfigs, ruleOfConfig } from './alert-configs.ts';
import { checkDestinations } from './check-destinations.ts';
import { checkLabels } from './check-labels.ts';
import { checkReach, isOverPromql, mayAskPrometheus } from './check-reach.ts';
import { checkRuleQuota } from './check-rule-quota.ts';
import type { Change, NewConfig } from './insert-configs.ts';
import { type ConfigChange, type NamedRule, planImport } from './plan-import.ts';
import {
  type ConfigUpdate,
  createConfigs,
  deleteConfigs,
  updateConfigs,
  type VersionedConfig,
} from './store-configs.ts';

export interface ChangeOptions {
  pool: Pool;
  clock: Clock;
  /** Finds the recipients of the notices that alerts of a changed config are over. */
  route: RouteNotice;
  slackNames: SlackNames;
  /** The quotas of orgs; `undefined` on the operator's command line, which has none. */
  limits: Limits | undefined;
}

/** @throws {CodedError} `invalid_request` with every fault */
export function ruleFrom(input: unknown, orgId: string | null): Rule {
  const rule = readRule(input, { allOrgs: orgId === null });
  if (!Array.isArray(rule)) return rule;
  throw refuse('In the body', rule);
}

interface ImportOptions {
  prune: boolean;
  dryRun: boolean;
  also?: (client: PoolClient) => Promise<void>;
}

/** More configs than any installation has. */
const EVERY_CONFIG = 100_000;

/** Changes configs. The audit log gets each change, with the config before and after, in the same transaction. */
export class ConfigChanges {
  readonly #options: ChangeOptions;

  constructor(options: ChangeOptions) {
    this.#options = options;
  }

  /**
   * @throws {CodedError} `invalid_request` if the rule names a webhook or a Slack destination that does not exist;
   *   `forbidden` if it is over PromQL.
   * @throws {CodedError} `quota_exceeded` if the org has no room for a rule
   */
  add(config: NewConfig, caller: Caller): Promise<AlertConfig> {
    const { pool, slackNames, limits } = this.#options;
    return withTransaction(pool, async (client) => {
      checkReach(caller.actor, [{ ...config.rule, at: '$' }]);
      await checkDestinations(client, [{ ...config, at: '$' }], slackNames, 'In the body');
      await checkLabels(client, [{ ...config, at: '$' }], 'In the body');
      await checkRuleQuota(client, limits, [{ action: 'create', orgId: config.orgId }]);
      return only(await this.#create(client, [config], caller));
    });
  }

  /**
   * @throws {CodedError} `invalid_request` if the rule names a webhook or a Slack destination that does not exist;
   *   `forbidden` if it is or was over PromQL; and the errors of `updateConfigs`
   */
  update(scope: OrgScope, wanted: ConfigUpdate, caller: Caller): Promise<AlertConfig> {
    const { pool, slackNames } = this.#options;
    return withTransaction(pool, async (client) => {
      const { before, after } = only(await this.#update(client, scope, [wanted], caller));
      checkReach(caller.actor, [
        { ...before, at: '$' },
        { ...after, at: '$' },
      ]);
      const changed = [{ ...after, rule: wanted.rule, at: '$' }];
      await checkDestinations(client, changed, slackNames, 'In the body');
      await checkLabels(client, changed, 'In the body');
      return after;
    });
  }

  /** @throws {CodedError} `forbidden` if the rule is over PromQL; and the errors of `deleteConfigs` */
  remove(scope: OrgScope, wanted: VersionedConfig, caller: Caller): Promise<void> {
    return withTransaction(this.#options.pool, async (client) => {
      const gone = await this.#delete(client, scope, [wanted], caller);
      checkReach(caller.actor, [{ ...only(gone), at: '$' }]);
    });
  }

  /**
   * Makes the configs of a scope equal to the wanted rules: all of them, or nothing.
   * @param options `prune` removes other configs too; `dryRun` only says what would change; `also` is done afterwards in the
   *   same transaction
   * @throws {CodedError} as `add` and `update` do
   */
  importAll(
    wanted: readonly NamedRule[],
    scope: OrgScope,
    { prune, dryRun, also }: ImportOptions,
    caller: Caller,
  ): Promise<ConfigChange[]> {
    const { pool, slackNames, limits } = this.#options;
    return withTransaction(pool, async (client) => {
      const sent = wanted.map((named, index) => ({ ...named, at: `$.alerts[${index}]` }));
      await checkDestinations(client, sent, slackNames, 'Nothing was imported');
      await checkLabels(client, sent, 'Nothing was imported');
      const existing = await listConfigs(client, { scope, limit: EVERY_CONFIG });
      const changes = planImport(existing, wanted, prune && mayRemove(caller.actor));
      checkReach(caller.actor, reachOf(changes));
      await checkRuleQuota(client, limits, changes);
      if (dryRun) {
        await also?.(client);
        return changes;
      }
      await this.#delete(client, scope, changes.filter(isOf('delete')), caller);
      await this.#update(client, scope, changes.filter(isOf('update')), caller);
      await this.#create(client, changes.filter(isOf('create')), caller);
      await also?.(client);
      return changes;
    });
  }

  async #create(client: PoolClient, wanted: readonly NewConfig[], caller: Caller) {
    const made = await createConfigs(client, wanted, this.#changeBy(caller));
    const changes = made.map((after) => ({ after }));
    await this.#audit(client, caller, 'create', changes);
    return made;
  }

  async #update(client: PoolClient, scope: OrgScope, updates: readonly ConfigUpdate[], caller: Caller) {
    const { route } = this.#options;
    const changes = await updateConfigs(client, updates, { ...this.#changeBy(caller), scope, route });
    await this.#audit(client, caller, 'update', changes);
    return changes;
  }

  async #delete(client: PoolClient, scope: OrgScope, wanted: readonly VersionedConfig[], caller: Caller) {
    const { route } = this.#options;
    const gone = await deleteConfigs(client, wanted, { ...this.#changeBy(caller), scope, route });
    const changes = gone.map((before) => ({ before }));
    await this.#audit(client, caller, 'delete', changes);
    return gone;
  }

  #changeBy({ actor }: Caller): Change {
    return { actorId: actor.id, now: this.#options.clock.now() };
  }

  #audit(
    client: PoolClient,
    caller: Caller,
    action: 'create' | 'update' | 'delete',
    changes: readonly { before?: AlertConfig; after?: AlertConfig }[],
  ): Promise<void> {
    const entries = changes.map(({ before, after }): AuditEntry => {
      const { orgId, id } = after ?? before ?? {};
      return {
        ...caller,
        action: `alert_config.${action}`,
        ...(orgId && { orgId }),
        ...(id && { subject: id }),
        ...(before && { before: kept(before) }),
        ...(after && { after: kept(after) }),
      };
    });
    return recordAudits(client, this.#options.clock, entries);
  }
}

function mayRemove(actor: Actor) {
  return (config: AlertConfig): boolean => !isOverPromql(config) || mayAskPrometheus(actor);
}

function isOf<A extends ConfigChange['action']>(action: A) {
  return (change: ConfigChange): change is Extract<ConfigChange, { action: A }> => change.action === action;
}

/** The only result of a change of one config. */
function only<T>([one]: readonly T[]): T {
  if (one === undefined) throw new Error('the changed config is missing');
  return one;
}

/** The metrics of the rules that an import adds or changes, before and after. */
function reachOf(changes: readonly ConfigChange[]): { metric: unknown; at: string }[] {
  return changes
    .filter(({ action }) => action !== 'delete')
    .flatMap(({ action, rule, fields }, index) =>
      action === 'unchanged'
        ? []
        : [rule?.metric, fields.metric?.before].map((metric) => ({ metric, at: `$.alerts[${index}]` })),
    );
}

/** The part of a config that the audit log keeps. */
function kept(config: AlertConfig) {
  return {
    orgId: config.orgId,
    version: config.version,
    silencedUntil: config.silencedUntil,
    ...ruleOfConfig(config),
  };
}
