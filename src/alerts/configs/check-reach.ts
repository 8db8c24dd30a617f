import { type Actor, mayIn } from '../../auth/actor.ts';
import { CodedError } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';

/**
 * Whether the caller may have rules over PromQL. Prometheus knows no orgs, so an expression reads the numbers of all
 * orgs, whatever org the rule belongs to.
 */
export function mayAskPrometheus(actor: Actor): boolean {
  return mayIn(actor, 'alerts:write', ALL_ORGS);
}

/** Whether a rule is over PromQL. */
export function isOverPromql({ metric }: { metric: unknown }): boolean {
  return metric === 'prometheus';
}

/**
 * Refuses a caller who creates, changes, removes or replays a rule over PromQL without the right to do so.
 * @param rules the rules before and after the change, each with its JSON path in the request
 * @throws {CodedError} `forbidden` with each rule that is over PromQL
 */
export function checkReach(actor: Actor, rules: readonly { metric: unknown; at: string }[]): void {
  const beyond = rules.filter(isOverPromql);
  if (beyond.length === 0 || mayAskPrometheus(actor)) return;
  throw new CodedError(
    'forbidden',
    'Only admins may use rules over PromQL: Prometheus knows no orgs, so an expression reads the numbers of all orgs.',
    {
      faults: [...new Set(beyond.map(({ at }) => at))].map((at) => ({
        path: `${at}.metric`,
        message: 'may be prometheus only if an admin creates, changes or removes the rule',
      })),
    },
  );
}
