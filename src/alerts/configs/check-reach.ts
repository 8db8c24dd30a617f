import { type Actor, mayIn } from '../../auth/actor.ts';
import { CodedError } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';

/**
 * Whether the caller may have rules over PromQL. Prometheus knows no orgs: whosever the rule is, its expression reads
 * what is of all of them.
 */
export function mayAskPrometheus(actor: Actor): boolean {
  return mayIn(actor, 'alerts:write', ALL_ORGS);
}

/** Whether a rule is over PromQL. */
export function isOverPromql({ metric }: { metric: unknown }): boolean {
  return metric === 'prometheus';
}

/**
 * Refuses a caller who makes, changes, removes or replays rules over PromQL and may not.
 * @param rules as they were and as they are to be, each with its JSON path in what was sent
 * @throws {CodedError} `forbidden`, with each rule that is over PromQL
 */
export function checkReach(actor: Actor, rules: readonly { metric: unknown; at: string }[]): void {
  const beyond = rules.filter(isOverPromql);
  if (beyond.length === 0 || mayAskPrometheus(actor)) return;
  throw new CodedError(
    'forbidden',
    'Rules over PromQL are for admins alone: Prometheus knows no orgs, so an expression reads the numbers of all.',
    {
      faults: [...new Set(beyond.map(({ at }) => at))].map((at) => ({
        path: `${at}.metric`,
        message: 'may be prometheus only where an admin makes, changes or removes the rule',
      })),
    },
  );
}
